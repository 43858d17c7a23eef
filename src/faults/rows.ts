import { withLargeNumbers, withLiterals } from '../kernel/json/as-sent.js'
import type { Rows } from '../store/store.js'
import type { FaultRow } from '../workspace/tables.js'
import { positionOf, type FaultRule } from './rule.js'

/** Returns the row of a new fault; its id contains its place in the order of creation. */
export function faultRow(rule: FaultRule, order: number): FaultRow {
  return { id: `f-${order}`, order, rule: withLiterals(rule) as FaultRow['rule'], matched: 0, hits: 0 }
}

/** The rule in a fault's row, its numbers as they were sent. Rows passed its schema when they were made. */
export function ruleOf({ rule }: FaultRow): FaultRule {
  const known = read.get(rule)
  if (known) return known
  const made = withLargeNumbers(rule) as FaultRule
  read.set(rule, made)
  return made
}

/** Rules by what rows hold: every request looks at each. */
const read = new WeakMap<FaultRow['rule'], FaultRule>()

/** True if a fault has been applied `times` times. */
export function isUsedUp(row: FaultRow): boolean {
  const { times } = ruleOf(row)
  return times !== undefined && row.hits >= times
}

/** The place of the last fault ever made in a workspace, deleted ones included, so that an id never comes again. */
export async function lastFaultOrder(rows: Rows): Promise<number> {
  const deleted = (await rows.get(countersTable, 'faults'))?.['last'] ?? 0
  const kept = await faultRows(rows)
  return Math.max(Number(deleted), ...kept.map(({ order }) => order))
}

/** Every fault of a workspace, in order of creation. */
export async function faultRows(rows: Rows): Promise<FaultRow[]> {
  const kept = (await rows.list(faultsTable)).map(({ row }) => row as FaultRow)
  return kept.sort((a, b) => a.order - b.order)
}

/** Adds faults after all others, with the name of the ready set that they come from. */
export async function addFaults(rows: Rows, rules: readonly FaultRule[], profile?: string): Promise<FaultRow[]> {
  const last = await lastFaultOrder(rows)
  const added = rules.map((rule, at) => ({ ...faultRow(rule, last + at + 1), ...(profile !== undefined && { profile }) }))
  for (const row of added) rows.put(faultsTable, row.id, row)
  return added
}

/** Takes faults out and remembers how far their numbers had come; answers how many there were. */
export async function deleteFaults(rows: Rows, isDoomed: (row: FaultRow) => boolean): Promise<number> {
  const doomed = (await faultRows(rows)).filter(isDoomed)
  if (doomed.length === 0) return 0
  const last = await lastFaultOrder(rows)
  for (const { id } of doomed) await rows.delete(faultsTable, id)
  rows.put(countersTable, 'faults', { id: 'faults', last })
  return doomed.length
}

/** A fault as the control API shows it. */
export function describeFault(row: FaultRow) {
  const rule = ruleOf(row)
  const { match, effect, times, skip, probability } = rule
  const { id, matched, hits, profile } = row
  return {
    id,
    ...(profile !== undefined && { profile }),
    match,
    position: positionOf(rule),
    effect,
    ...(times !== undefined && { times }),
    skip,
    probability,
    matched,
    hits,
  }
}

const faultsTable = 'sandbox.faults'
const countersTable = 'sandbox.counters'
