import type { Entry, Fields } from '../../shapes.js'

/** One place where a request differs from another. */
export interface Difference {
  /** `body/user_id`, `header authorization`, `query page`. */
  place: string
  /** Undefined: it was not there. */
  here: string | undefined
  there: string | undefined
}

/** A request as far as two of them are compared. */
export type Comparable = Pick<Entry, 'headers' | 'query'> & { body: { parsed: unknown } }

/** Where two requests differ, in what a vendor may look at. */
export function differencesOf(here: Comparable, there: Comparable): Difference[] {
  const mine = placesOf(here)
  const theirs = placesOf(there)
  return [...new Set([...mine.keys(), ...theirs.keys()])].flatMap((place) => {
    const difference = { place, here: mine.get(place), there: theirs.get(place) }
    return difference.here === difference.there ? [] : [difference]
  })
}

function placesOf({ headers, query, body }: Comparable): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of fieldsOf(headers)) if (!ofTheConnection.test(name)) found.set(`header ${name}`, value)
  for (const [name, value] of fieldsOf(query)) found.set(`query ${name}`, value)
  addMembers(found, 'body', body.parsed)
  return found
}

function addMembers(found: Map<string, string>, place: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) {
    if (value !== null || place !== 'body') found.set(place, typeof value === 'string' ? value : JSON.stringify(value))
    return
  }
  for (const [name, member] of Object.entries(value)) addMembers(found, `${place}/${name}`, member)
}

function fieldsOf(fields: Fields): [string, string][] {
  return Object.entries(fields).map(([name, value]) => [name, [value].flat().join(', ')])
}

const ofTheConnection =
  /^(host|connection|content-length|transfer-encoding|user-agent|accept(-.*)?|date|cookie|origin|referer|sec-.*|x-sandbox-.*|cache-control|pragma|expect|te)$/
