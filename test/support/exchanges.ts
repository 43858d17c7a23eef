import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const exchangeFile = z.strictObject({
  /** Source of the exchange, such as a page of the vendor. */
  source: z.string().min(1),
  /** Method and path of its route, such as `POST /v2/purchase`. */
  route: z.string(),
  request: z.strictObject({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string().default(''),
  }),
  reply: z.strictObject({
    status: z.number(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.unknown(),
    /** JSON pointers of values that differ at each run; only their presence and type are compared. */
    ignore: z.array(z.string()).default([]),
  }),
  note: z.string().optional(),
})

/** A request and its documented reply. */
export type RecordedExchange = z.infer<typeof exchangeFile> & { file: string }

/** Reads the exchanges of a vendor. */
export function exchangesOf(vendor: string): RecordedExchange[] {
  const folder = fileURLToPath(new URL(`../../fixtures/${vendor}/exchanges/`, import.meta.url))
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({ file: name, ...exchangeFile.parse(JSON.parse(readFileSync(folder + name, 'utf8'))) }))
}

/** Returns a body with each changing value replaced by its type. */
export function withoutChanging(body: unknown, pointers: readonly string[]): unknown {
  const copy: unknown = structuredClone(body)
  for (const path of pointers) {
    const parts = path.split('/').slice(1)
    const last = parts.pop() ?? ''
    const holder = parts.reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], copy) as
      | Record<string, unknown>
      | undefined
    if (holder && last in holder) holder[last] = `(a ${holder[last] === null ? 'null' : typeof holder[last]})`
  }
  return copy
}
