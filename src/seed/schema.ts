import { z } from 'zod'
import { clockRequest } from '../kernel/clock-request.js'
import { faultRule } from '../faults/rule.js'
import type { Table } from '../kernel/table.js'
import { storeNames } from '../marketplace/marketplace.js'
import { upstreamSetting } from './document.js'

/** The JSON Schema of seed documents, for editors: packaged beside the default seed and served by the control API. */
export function seedSchema(tables: ReadonlyMap<string, Table>): Record<string, unknown> {
  const vendors: Record<string, Record<string, z.ZodType>> = {}
  for (const [name, { schema }] of tables) {
    const [vendor = '', table = ''] = name.split('.')
    vendors[vendor] = { ...vendors[vendor], [table]: z.array(schema).optional() }
  }
  const members = Object.entries(vendors).map(([vendor, shape]) => [vendor, z.strictObject(shape).optional()] as const)
  const document = z.strictObject({
    $schema: z.string().optional(),
    ...Object.fromEntries(members),
    faults: z.array(faultRule).optional(),
    clock: clockRequest.optional(),
    upstreams: z.strictObject(Object.fromEntries(storeNames.map((store) => [store, upstreamSetting.optional()]))).optional(),
  })
  return { title: 'coinslot seed', ...z.toJSONSchema(document, { io: 'input', unrepresentable: 'any' }) }
}
