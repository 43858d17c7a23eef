import { createHmac } from 'node:crypto'

/** A place in an ordered list: a time and the id of the item there. */
export interface Place {
  at: string
  id: string
}

/** Place before every item. */
export const beginning: Place = { at: '', id: '' }

/** Encodes a place, so that a client can ask for what comes after it. It is signed, because a token of another origin is an error. */
export function writeRevision(kind: string, { at, id }: Place): string {
  const text = `${at}|${id}`
  return `${Buffer.from(text).toString('base64url')}_${seal(kind, text)}`
}

/** Decodes a revision of the same kind; undefined for every other string. */
export function readRevision(kind: string, revision: string): Place | undefined {
  const end = revision.lastIndexOf('_')
  const [body, tail] = [revision.slice(0, Math.max(end, 0)), revision.slice(end + 1)]
  const text = Buffer.from(body, 'base64url').toString()
  const expected = seal(kind, text)
  if (tail !== expected) return undefined
  const [at, id] = text.split('|')
  return at === undefined || id === undefined ? undefined : { at, id }
}

/** Compares two places: the time first, then the id. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1
  if (a.id === b.id) return 0
  return a.id < b.id ? -1 : 1
}

function seal(kind: string, text: string): string {
  return createHmac('sha256', `coinslot ${kind}`).update(text).digest('hex').slice(0, 16)
}
