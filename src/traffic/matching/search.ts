import type { Entry } from '../traffic.js'

/** True if a string occurs in an entry's request, reply or explanation, ignoring case; binary bodies are read as UTF-8. */
export function contains(entry: Entry, text: string): boolean {
  return containsAny(entry, [text.toLowerCase()])
}

/** The same for the first of several texts, which are in lower case. */
export function containsAny(entry: Entry, wanted: readonly string[]): boolean {
  for (const part of parts(entry)) {
    const text = part.toLowerCase()
    if (wanted.some((one) => text.includes(one))) return true
  }
  return false
}

/** Short ones first, so that most searches end before a body is read. */
function* parts(entry: Entry): Iterable<string> {
  const { id, head, outcome, explanation, warnings, body, reply, revealed } = entry
  yield id
  yield head.method
  yield head.target
  yield outcome
  yield explanation
  yield* warnings
  for (const change of entry.changes) yield `${change.table} ${change.key}`
  yield* head.rawHeaders
  yield Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
  if (reply) yield typeof reply.body === 'string' ? reply.body : Buffer.from(reply.body).toString()
  if (revealed.request !== undefined) yield JSON.stringify(revealed.request)
  if (revealed.reply !== undefined) yield JSON.stringify(revealed.reply)
}
