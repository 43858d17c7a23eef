import { nearest } from '../../kernel/nearest.js'
import { verdicts, type Verdict } from '../../kernel/outcome.js'
import { InvalidInput } from '../../kernel/problem.js'
import { purchaseFacts, type FactTables } from '../purchase-facts.js'
import { readEntryId, type Entry } from '../traffic.js'
import { isStatusLike } from './filter.js'
import { isPathLike } from './match.js'
import { contains } from './search.js'

/** True if an entry passes. */
export type EntryTest = (entry: Entry) => boolean

/** Keys of a query line, each with its meaning. */
export const queryKeys: Readonly<Record<string, string>> = {
  is: `${verdicts.join(', ')}, faulted, warned or unanswered`,
  vendor: 'id of a vendor',
  outcome: 'outcome of a rule',
  status: '422, 4xx or none',
  player: 'player of the purchase',
  product: 'product of the purchase',
  method: 'HTTP method',
  path: 'whole path, or a prefix that ends with *',
  route: 'path pattern of a route',
  id: 'id of a request',
  fault: 'id of a fault',
  since: '5m, 2h, 1d, or the id of a request',
  row: 'table and key of a row that was written',
}

/** Sources that a query reads besides the entries. */
export interface QueryContext {
  tables: FactTables
  /** Ids of the vendors that are on. */
  vendors: readonly string[]
  /** `performance.now()` */
  now: number
}

/**
 * Reads a query line such as `is:refused vendor:teak player:player-2 -outcome:repeated since:5m gems`. Words of the same key are
 * alternatives, all others must hold, a minus excludes, quotation marks keep spaces, and a word without a key is searched everywhere.
 *
 * @throws InvalidInput that names the word and what to write
 */
export function readQuery(text: string, context: QueryContext): EntryTest {
  const required = new Map<string, EntryTest[]>()
  const excluded: EntryTest[] = []
  for (const { key, value, isNegated } of words(text)) {
    const test = key === undefined ? searched(value) : testOf(key, value, context)
    if (isNegated) excluded.push(test)
    else required.set(key ?? `"${value}`, [...(required.get(key ?? `"${value}`) ?? []), test])
  }
  const groups = [...required.values()]
  return (entry) => groups.every((tests) => tests.some((test) => test(entry))) && !excluded.some((test) => test(entry))
}

interface Word {
  key: string | undefined
  value: string
  isNegated: boolean
}

function words(text: string): Word[] {
  return [...text.matchAll(/(-?)(?:([a-z]+):(?!\/\/))?(?:"([^"]*)"?|(\S+))/gi)].flatMap(([, minus, key, quoted, bare]) => {
    const value = quoted ?? bare ?? ''
    const [, lone] = quoted === undefined && key === undefined ? (/^([a-z]+):$/i.exec(value) ?? []) : []
    const asked = (key ?? lone)?.toLowerCase()
    if (asked !== undefined && (lone !== undefined || value === '')) throw lacksValue(asked)
    return value === '' ? [] : [{ key: asked, value, isNegated: minus === '-' }]
  })
}

function testOf(key: string, value: string, { tables, vendors, now }: QueryContext): EntryTest {
  const lower = value.toLowerCase()
  switch (key) {
    case 'is':
      return testOfState(lower)
    case 'vendor':
      if (lower !== 'none' && !vendors.includes(lower)) {
        throw wrong(`vendor:${value}`, `there is no such vendor, or it is off; it takes ${vendors.join(', ')} or none`)
      }
      return ({ vendor }) => (vendor ?? 'none') === lower
    case 'outcome':
      return ({ outcome }) => outcome.toLowerCase() === lower
    case 'status':
      if (!/^([1-5](\d\d|xx)|none)$/.test(lower)) throw wrong(`status:${value}`, 'a status is 422, 4xx or none')
      return ({ reply }) => (lower === 'none' ? reply === null : isStatusLike(lower, reply?.status ?? null))
    case 'player':
    case 'product':
      return (entry) => purchaseFacts(entry, tables)[key]?.toLowerCase() === lower
    case 'method':
      return ({ head }) => head.method.toLowerCase() === lower
    case 'path':
      return ({ path }) => isPathLike(value, path)
    case 'route':
      return ({ route }) => route === value
    case 'id':
      return ({ id }) => id === lower
    case 'fault':
      return ({ fault }) => fault?.id === lower
    case 'since':
      return testOfTime(value, now)
    case 'row':
      return ({ changes }) => changes.some(({ table, key: rowKey }) => `${table} ${rowKey}` === value || table === value)
    default:
      throw unknownKey(key)
  }
}

function testOfState(state: string): EntryTest {
  if ((verdicts as readonly string[]).includes(state)) return ({ verdict }) => verdict === (state as Verdict)
  if (state === 'faulted') return ({ fault }) => fault !== null
  if (state === 'warned') return ({ warnings }) => warnings.length > 0
  if (state === 'unanswered') return ({ reply }) => reply === null
  throw wrong(`is:${state}`, `it takes ${queryKeys['is']}`)
}

function testOfTime(value: string, now: number): EntryTest {
  const [, count, unit] = /^(\d+)(s|m|h|d)$/.exec(value) ?? []
  if (count !== undefined) {
    const from = now - Number(count) * unitMs[unit as keyof typeof unitMs]
    return ({ startedMs }) => startedMs >= from
  }
  const after = readEntryId(value)
  if (!after) throw wrong(`since:${value}`, 'it takes 5m, 2h, 1d, or the id of a request')
  return ({ id, number }) => number > after.number && readEntryId(id)?.replica === after.replica
}

function searched(text: string): EntryTest {
  return (entry) => contains(entry, text)
}

function lacksValue(key: string): InvalidInput {
  const meaning = queryKeys[key]
  return meaning === undefined ? unknownKey(key) : wrong(`${key}:`, `its value is missing; write it after the colon (${meaning})`)
}

function unknownKey(key: string): InvalidInput {
  const [near] = nearest(key, Object.keys(queryKeys))
  return wrong(`${key}:`, `did you mean ${near}:? In quotation marks the whole word is searched`)
}

function wrong(word: string, advice: string): InvalidInput {
  const message = `"${word}" cannot be read: ${advice}.`
  return new InvalidInput({ type: 'invalid', title: 'Invalid query.', detail: message, errors: [{ path: '/q', message }] })
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
