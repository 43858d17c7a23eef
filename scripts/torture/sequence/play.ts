import { isDeepStrictEqual } from 'node:util'
import { apply, control, seeded, type Expected, type ExpectedReply } from './expected.js'
import { expectedHeld, heldBy } from './held.js'
import { controlRequestOf, requestOf, type Asked } from './requests.js'
import { workspaceNames, type ControlCall, type Step, type VendorCall, type WorkspaceName } from './steps.js'
import type { Subject } from './subject.js'

/** A step after which the sandbox differs from the model. */
export interface Contradiction {
  at: number
  step: Step
  message: string
}

/** Expected state of a workspace and its snapshots. */
interface Known {
  now: Expected
  snapshots: Map<number, Expected>
}

/** A comparison reads every table, so that it is made after some of the steps only, and for all workspaces more rarely. */
const stepsBetweenComparisons = 4
const stepsBetweenFullComparisons = 20

/** Plays steps against a sandbox. Compares each response and the state after it with the model. */
export async function play(subject: Subject, steps: readonly Step[], onStep?: (at: number) => void): Promise<Contradiction | undefined> {
  const known = new Map<WorkspaceName, Known>()
  for (const name of workspaceNames) {
    await subject.ask(`/_sandbox/workspaces/${name}`, { method: 'PUT', headers: json, body: '{}' })
    known.set(name, { now: seeded(), snapshots: new Map() })
  }
  for (const [at, step] of steps.entries()) {
    onStep?.(at)
    try {
      await takeStep(subject, step, known.get(step.in)!)
      const isFull = at % stepsBetweenFullComparisons === 0 || at === steps.length - 1
      const isRestart = 'control' in step && step.control === 'restart'
      const isDue = at % stepsBetweenComparisons === 0 || 'control' in step
      const touched = isFull || isRestart ? workspaceNames : isDue ? [step.in] : []
      for (const name of touched) await compare(subject, name, known.get(name)!.now)
    } catch (error) {
      return { at, step, message: error instanceof Error ? error.message : String(error) }
    }
  }
  return undefined
}

const json = { 'Content-Type': 'application/json' }

async function takeStep(subject: Subject, step: Step, known: Known): Promise<void> {
  if ('vendor' in step && 'call' in step) return callVendor(subject, step, known.now)
  await callControl(subject, step, known)
}

async function callVendor(subject: Subject, step: Step & VendorCall, held: Expected): Promise<void> {
  const fault = held.faults.find(({ vendor, hits, times }) => vendor === step.vendor && hits < times)
  if (fault) fault.hits += 1
  const isSeen = fault?.position !== 'before'
  const wanted = isSeen ? apply(held, step) : { status: 0 }
  const found = await answerOf(subject, step.in, requestOf(step))
  const entry = await lastEntry(subject, step.in)
  const effect = fault?.effect
  check(entry.fault?.kind ?? null, effect ?? null, 'fault of the traffic entry')
  if (effect === 'drop') {
    check(found, undefined, 'answer of a dropped call')
    return
  }
  if (!found) throw new Error('no answer came')
  check(found.requestId, entry.id, 'X-Sandbox-Request')
  if (effect === 'reply') {
    check(found.status, 503, 'status of the fault')
    return
  }
  check(found.status, wanted.status, `status (${found.text})`)
  if (wanted.outcome !== undefined) check(entry.outcome, wanted.outcome, 'outcome')
  if (effect === 'garble') check(isJson(found.text), false, 'whether a garbled body parses')
  else checkBody(found.text, wanted)
}

function checkBody(text: string, { body, order }: ExpectedReply): void {
  const parsed = JSON.parse(text) as Record<string, unknown>
  if (body) checkPart(parsed, body, 'body')
  if (!order) return
  order.id ??= String(parsed['id'])
  check(parsed['id'], order.id, 'id of the order')
}

async function callControl(subject: Subject, step: Step & ControlCall, known: Known): Promise<void> {
  const { now, snapshots } = known
  if (step.control === 'restart') return subject.restart(step.how)
  if (step.control === 'fault') {
    // Two faults of one vendor at a time would leave open which of them a call meets.
    if (now.faults.some(({ vendor, hits, times }) => vendor === step.vendor && hits < times)) return
    const position = step.effect === 'garble' ? 'after' : step.position
    control(now, { ...step, position })
  } else control(now, step)
  if (step.control === 'wallet') return fillWallet(subject, step.in, step.balance)
  if (step.control === 'drop') {
    check(
      (await answerOf(subject, 'default', { method: 'DELETE', path: `/_sandbox/workspaces/${step.in}`, headers: {} }))?.status,
      204,
      'drop',
    )
    await answerOf(subject, 'default', { method: 'PUT', path: `/_sandbox/workspaces/${step.in}`, headers: json, body: '{}' })
    snapshots.clear()
  }
  const isUnknown = step.control === 'restore' && !snapshots.has(step.name)
  const asked = controlRequestOf(step)
  if (asked) {
    const found = await answerOf(subject, step.in, asked)
    if (isUnknown) check(found?.status, 404, 'status of a restore without a snapshot')
    else if (!found || found.status >= 300) throw new Error(`${asked.method} ${asked.path}: ${found?.status} ${found?.text}`)
  }
  if (step.control === 'snapshot') snapshots.set(step.name, structuredClone(now))
  if (step.control === 'restore' && !isUnknown) known.now = structuredClone(snapshots.get(step.name)!)
  if (step.control === 'reset' || step.control === 'drop') known.now = seeded()
}

async function fillWallet(subject: Subject, workspace: string, balance: number): Promise<void> {
  const path = '/_sandbox/tables/ouya/gamers/player'
  const found = await answerOf(subject, workspace, { method: 'GET', path, headers: {} })
  const { row } = JSON.parse(found!.text) as { row: object }
  const body = JSON.stringify({ ...row, balance })
  check((await answerOf(subject, workspace, { method: 'PUT', path, headers: json, body }))?.status, 200, 'PUT of the gamer')
}

async function compare(subject: Subject, workspace: WorkspaceName, expected: Expected): Promise<void> {
  const found = await heldBy(subject, workspace)
  const wanted = expectedHeld(expected, found)
  for (const name of Object.keys(wanted)) check(found[name], wanted[name], `${name} of ${workspace}`)
}

interface Answer {
  status: number
  text: string
  requestId: string | null
}

/** Reads a whole response; undefined if the connection broke. */
async function answerOf(subject: Subject, workspace: string, { path, ...init }: Asked): Promise<Answer | undefined> {
  let reply: Response
  try {
    reply = await subject.ask(`/@${workspace}${path}`, init)
  } catch (error) {
    if (error instanceof TypeError && error.message === 'fetch failed') return undefined
    throw error
  }
  return { status: reply.status, text: await reply.text(), requestId: reply.headers.get('x-sandbox-request') }
}

async function lastEntry(
  subject: Subject,
  workspace: string,
): Promise<{ id: string; outcome: string; status: number | null; fault: { kind: string } | null }> {
  const found = await answerOf(subject, workspace, { method: 'GET', path: '/_sandbox/traffic?limit=1', headers: {} })
  const { entries } = JSON.parse(found!.text) as { entries: Awaited<ReturnType<typeof lastEntry>>[] }
  if (!entries[0]) throw new Error('the call left no traffic entry')
  return entries[0]
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Compares the expected members. */
function checkPart(found: unknown, wanted: unknown, what: string): void {
  if (typeof wanted !== 'object' || wanted === null || typeof found !== 'object' || found === null) return check(found, wanted, what)
  for (const [name, value] of Object.entries(wanted)) checkPart((found as Record<string, unknown>)[name], value, `${what}.${name}`)
}

function check(found: unknown, wanted: unknown, what: string): void {
  if (!isDeepStrictEqual(found, wanted)) throw new Error(`${what} is ${JSON.stringify(found)}; expected ${JSON.stringify(wanted)}`)
}
