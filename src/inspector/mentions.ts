import { readJson, readText } from '../kernel/body.js'
import { parsedBody } from '../traffic/parsed-body.js'
import type { Entry } from '../traffic/traffic.js'
import type { DeliveryRow } from '../workspace/tables.js'

/** Words of a string, so that `order-1` is not found in `order-10`. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(wordForm) ?? []
}

/** True if every word of one of the ids is among the words. */
export function mentions(words: ReadonlySet<string>, ids: readonly string[]): boolean {
  return ids.some((id) => wordsOf(id).every((word) => words.has(word)))
}

/** Words of an entry's request, reply and changed rows; those of a sealed body are those of its payload. */
export function wordsOfEntry(entry: Entry): ReadonlySet<string> {
  const known = cache.get(entry)
  if (known) return known
  const found = new Set([...partsOf(entry)].flatMap((part) => wordsOf(part.slice(0, readCharacters))))
  cache.set(entry, found)
  return found
}

/** Words of the body of a delivery and of the JSON that is encoded in it: stores send signed tokens, or Base64 inside of JSON. */
export function wordsOfDelivery(delivery: DeliveryRow): ReadonlySet<string> {
  const known = deliveryCache.get(delivery)
  if (known) return known
  const found = new Set([...readable(delivery.body.slice(0, readCharacters))].flatMap(wordsOf))
  deliveryCache.set(delivery, found)
  return found
}

/** Yields a string, and the JSON objects that are Base64 in it. A decoded string is shorter than its source, so the recursion ends. */
function* readable(text: string): Iterable<string> {
  yield text
  for (const [encoded] of text.matchAll(encodedObject)) {
    const inner = readText(Buffer.from(encoded, 'base64'))
    if (inner.ok && readJson(inner.value).ok) yield* readable(inner.value)
  }
}

function* partsOf({ path, query, body, head, reply, revealed, changes }: Entry): Iterable<string> {
  yield decoded(path)
  yield decoded(query)
  for (const { key } of changes) yield decoded(key)
  yield textOf(revealed.request ?? parsedBody(body, String(head.headers['content-type'] ?? '')), body)
  if (reply) yield textOf(revealed.reply, reply.body)
}

function textOf(parsed: unknown, body: Uint8Array | string): string {
  if (parsed !== undefined && parsed !== null) return JSON.stringify(parsed)
  return typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, readCharacters)).toString()
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const wordForm = /[\p{L}\p{N}._@$-]+/gu
/** Base64 of either alphabet that begins with `{` and a quotation mark or white space. */
const encodedObject = /(?:ey[JA]|ew[o0])[\w+/-]{8,}/g
const readCharacters = 50_000
const cache = new WeakMap<Entry, ReadonlySet<string>>()
const deliveryCache = new WeakMap<DeliveryRow, ReadonlySet<string>>()
