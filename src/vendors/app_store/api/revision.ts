import { createHmac } from 'node:crypto'

/** A place in an ordered list: a time, the number of a change at that time, and the id of the item there. */
export interface Place {
  at: string
  /** Absent in what earlier versions wrote. */
  change?: number | undefined
  id: string
}

/** Place before every item. */
export const beginning: Place = { at: '', id: '' }

/** Encodes a place, so that a client can ask for what comes after it. It is signed, because a token of another origin is an error. */
export function writeRevision(kind: string, { at, id, change }: Place): string {
  const text = [at, id, ...(change === undefined ? [] : [change])].join('|')
  return `${Buffer.from(text).toString('base64url')}_${seal(kind, text)}`
}

/** Decodes a revision of the same kind; undefined for every other string. */
export function readRevision(kind: string, revision: string): Place | undefined {
  const end = revision.lastIndexOf('_')
  const [body, tail] = [revision.slice(0, Math.max(end, 0)), revision.slice(end + 1)]
  const text = Buffer.from(body, 'base64url').toString()
  const expected = seal(kind, text)
  if (tail !== expected) return undefined
  const [at, id, change] = text.split('|')
  return at === undefined || id === undefined ? undefined : { at, id, change: change === undefined ? undefined : Number(change) }
}

/** Compares two places: the time first, then the change, then the id. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1
  const changes = (a.change ?? 0) - (b.change ?? 0)
  if (changes !== 0 || a.id === b.id) return changes
  return a.id < b.id ? -1 : 1
}

function seal(kind: string, text: string): string {
  return createHmac('sha256', `coinslot ${kind}`).update(text).digest('hex').slice(0, 16)
}
