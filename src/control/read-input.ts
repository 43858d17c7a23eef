import type { Context } from 'hono'
import { encodingClause, readJson, readText } from '../kernel/body.js'
import { parseWithLargeNumbers } from '../kernel/json/as-sent.js'
import { repeatedMembers } from '../kernel/json/repeated-members.js'
import { BadRequest, ContentTooLarge, InvalidInput, pointer, pointersOf, wordOfIssue } from '../kernel/problem.js'
import type { ControlCall, ControlEnv } from './call.js'

/** Returns the value as its schema produces it. @throws InvalidInput that points to every wrong member */
export function check(schema: NonNullable<ControlCall['body']>, value: unknown, title: string): unknown {
  const result = schema.safeParse(value, { error: wordOfIssue })
  if (result.success) return result.data
  throw new InvalidInput({ type: 'invalid', title, errors: pointersOf(result.error.issues) })
}

/** The parameters of a query by name. @throws InvalidInput if one is repeated, because only one of its values would count */
export function queryOf(c: Context<ControlEnv>): Record<string, string> {
  const repeated = Object.entries(c.req.queries()).filter(([, values]) => values.length > 1)
  if (repeated.length === 0) return c.req.query()
  const errors = repeated.map(([name, values]) => ({ path: pointer([name]), message: `It is repeated; send one of ${values.join(', ')}.` }))
  throw new InvalidInput({ type: 'invalid', title: 'Invalid query.', errors })
}

/** The body of a call as its schema produces it. @throws BadRequest if it is not JSON, InvalidInput if it does not fit */
export async function bodyOf(call: ControlCall, c: Context<ControlEnv>, limit: BodyLimit): Promise<unknown> {
  const bytes = await readLimited(c.req.raw, limit)
  if (!call.body) return undefined
  if (bytes.byteLength === 0 && call.bodyOptional) return call.body.parse(undefined)
  const text = readText(bytes)
  const parsed = text.ok ? readJson(text.value) : text
  const isChecked = text.ok && parsed.ok && text.value.length <= longestChecked
  const repeated = isChecked ? repeatedMembers(text.value) : []
  if (repeated.length > 0) throw new InvalidInput({ type: 'invalid', title: 'Invalid body.', errors: repeated })
  if (parsed.ok) return check(call.body, call.keepsDigits && text.ok ? parseWithLargeNumbers(text.value) : parsed.value, 'Invalid body.')
  throw new BadRequest({
    type: 'not-json',
    title: 'The body is not JSON.',
    detail: `${parsed.reason}${encodingClause(c.req.header('content-encoding'))}.`,
  })
}

/** Longer bodies, such as large snapshots, are not searched for repeated members: it would hold up other requests. */
const longestChecked = 4_194_304

/** Limit of a body, with the option that sets it. */
export interface BodyLimit {
  bytes: number
  option: string
}

/** Reads a body up to a limit. Hono's own middleware fails with its adapter's requests if they declare no length. */
async function readLimited(request: Request, limit: BodyLimit): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of whole(request.body)) {
    size += chunk.byteLength
    if (size > limit.bytes) {
      throw new ContentTooLarge({
        type: 'too-large',
        title: 'Content too large.',
        detail: `The body is over ${limit.bytes} bytes, the limit of ${limit.option}. Send less, or start with a higher limit.`,
      })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

/** The chunks of a body. @throws BadRequest if the client closes the connection before its end */
async function* whole(body: Request['body']): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body ?? []) yield chunk as Uint8Array
  } catch {
    throw new BadRequest({
      type: 'aborted',
      title: 'Body not received.',
      detail: 'The client closed the connection before the whole body arrived; nothing was changed.',
    })
  }
}
