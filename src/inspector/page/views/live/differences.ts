import { NumberAsSent, parseWithLargeNumbers, writeAsSent } from '../../../../kernel/json/as-sent.js'
import type { Entry, Fields } from '../../shapes.js'

/** One place where a request differs from another. */
export interface Difference {
  /** `body › user_id`, `header authorization`, `query page`. */
  place: string
  /** Undefined: it was not there. */
  here: unknown
  there: unknown
}

/** A request as far as two of them are compared. */
export type Comparable = Pick<Entry, 'headers' | 'query'> & { body: { parsed: unknown } }

/** Where two requests differ, in what a vendor may look at: values with their types, JSON within strings member by member. */
export function differencesOf(here: Comparable, there: Comparable, headers: readonly string[]): Difference[] {
  const found: Difference[] = []
  compareFields(found, 'header', [picked(here.headers, headers), picked(there.headers, headers)])
  compareFields(found, 'query', [here.query, there.query])
  compare(found, 'body', [here.body.parsed ?? undefined, there.body.parsed ?? undefined])
  return found
}

/** A value as people read it: with its type, so that `100` and `"100"` are not the same. */
export function shownValue(value: unknown): string {
  return value === undefined ? 'not sent' : writeAsSent(value)
}

/** Says that two values differ in their type alone; undefined if they do not. */
export function typeDifference({ here, there }: Difference): string | undefined {
  const [mine, theirs] = [here, there].map((value) => (value instanceof NumberAsSent ? 'number' : typeof value))
  const isPlain = [mine, theirs].every((type) => ['string', 'number', 'boolean'].includes(type ?? ''))
  if (!isPlain || mine === theirs || textOf(here) !== textOf(there)) return undefined
  return `${mine} instead of ${theirs}`
}

function textOf(value: unknown): string {
  return value instanceof NumberAsSent ? value.digits : String(value)
}

/** Name of a place that a JSON pointer into an entry names. */
export function placeOf(pointer: string): string {
  const [part = '', ...names] = pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  return part === 'headers'
    ? `header ${names.join(' ')}`
    : part === 'query' && names.length > 0
      ? `query ${names.join(' ')}`
      : [part, ...names].join(' › ')
}

function compareFields(found: Difference[], kind: string, [here, there]: readonly [Fields, Fields]): void {
  for (const name of new Set([...Object.keys(here), ...Object.keys(there)])) {
    const difference = { place: `${kind} ${name}`, here: joined(here[name]), there: joined(there[name]) }
    if (difference.here !== difference.there) found.push(difference)
  }
}

function compare(found: Difference[], place: string, [here, there]: readonly [unknown, unknown]): void {
  if (shownValue(here) === shownValue(there)) return
  const mine = membersOf(here)
  const theirs = membersOf(there)
  if (!mine || !theirs) {
    found.push({ place, here, there })
    return
  }
  for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)]))
    compare(found, `${place} › ${name}`, [mine[name], theirs[name]])
}

/** Members of an object or list, also of one that was sent as JSON in a string. */
function membersOf(value: unknown): Record<string, unknown> | undefined {
  if (typeof value === 'string' && /^\s*[{[]/.test(value)) {
    try {
      JSON.parse(value)
      return membersOf(parseWithLargeNumbers(value))
    } catch {
      return undefined
    }
  }
  return typeof value === 'object' && value !== null && !(value instanceof NumberAsSent) ? (value as Record<string, unknown>) : undefined
}

function joined(value: Fields[string] | undefined): string | undefined {
  return value === undefined ? undefined : [value].flat().join(', ')
}

function picked(headers: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)))
}
