import { readClock, realTime, type ClockSetting } from '../kernel/clock.js'
import { Conflict, InvalidInput, type Problem, ServiceUnavailable } from '../kernel/problem.js'
import type { Workspace } from '../workspace/workspace.js'
import type { Pending } from './pending.js'
import type { DueEvent, Scheduler } from './scheduler.js'

/** A change of a workspace's clock; times are Unix milliseconds by that clock. */
export interface ClockChange {
  /** Returns the time to move to, from the time it shows. */
  target(from: number): number
  /** Returns the clock after the move; undefined is real time. `shown` is later than the target if the clock ran on meanwhile. */
  setting(shown: number, before: ClockSetting | undefined): ClockSetting | undefined
}

/**
 * Moves the clock of a workspace. Moving forward, everything that falls due happens at its own time and in order, with all that follows
 * from it, and deliveries are attempted and awaited; moving backward is one step. The clock is written at each due time, so that a
 * reader meanwhile, or after a kill, finds time and rows that fit together. Returns the clock, and what fell due on the way.
 *
 * @throws Problem 409 if a reset, a restored snapshot or a seed changed the clock meanwhile, 422 if too many timers fire
 */
export async function advanceClock(scheduler: Scheduler, space: Workspace, change: ClockChange): Promise<ClockMove> {
  const due: DueRun[] = []
  let dueCount = 0
  const note = (event: DueEvent) => {
    dueCount++
    const last = due.at(-1)
    const isRepeated = last?.vendor === event.vendor && last.text === event.text && last.delivery === event.delivery
    if (isRepeated) Object.assign(last, { times: last.times + 1, lastAt: event.at })
    else if (due.length < mostEvents) due.push({ ...event, times: 1, lastAt: event.at })
  }
  const run = async () => {
    await scheduler.catchUp(space.name)
    const before = (await space.setting()).clock
    const from = readClock(before, realTime())
    const target = change.target(from)
    const move = { scheduler, space, written: before }
    if (target >= from) await runUntil(move, target)
    // A running clock has run on while timers fired; it is not set back for that.
    const ranOn = target > from && move.written !== before && !before?.frozen
    const next = change.setting(ranOn ? Math.max(target, readClock(move.written, realTime())) : target, before)
    await writeClock(move, next)
    return next
  }
  const clock = await scheduler.lock(space.name, () => scheduler.observe(space.name, note, run))
  return { clock, due, dueCount }
}

/** Equal events in a row, such as failed attempts of one delivery. */
export interface DueRun extends DueEvent {
  times: number
  /** Time of the last one. */
  lastAt: number
}

/** Result of a move: the clock after it, undefined for real time, and the first events that fell due, with the number of all. */
export interface ClockMove {
  clock: ClockSetting | undefined
  due: readonly DueRun[]
  dueCount: number
}

/** A move under way, with the clock as last written. */
interface Move {
  scheduler: Scheduler
  space: Workspace
  written: ClockSetting | undefined
}

async function runUntil(move: Move, target: number): Promise<void> {
  const { scheduler, space } = move
  let left = firingLimit
  await deliverDue(move)
  for (;;) {
    const next = scheduler.pendingIn(space.name)?.nextDue()
    if (next === undefined || next > target) return
    const real = realTime()
    const shown = readClock(move.written, real)
    if (next > shown) await writeClock(move, { now: next, setAt: real, frozen: move.written?.frozen ?? false })
    left -= await scheduler.fireUntil(space, next, left)
    if (left <= 0) throw tooManyTimers(next)
    await deliverDue(move)
    if (scheduler.stopped)
      throw new ServiceUnavailable({
        type: 'stopping',
        title: 'The sandbox is stopping.',
        detail: `The clock shows ${new Date(next).toISOString()}.`,
      })
  }
}

/** Attempts the deliveries that are due now and waits until no attempt is under way. */
async function deliverDue({ scheduler, space }: Move): Promise<void> {
  const readNow = async () => space.now(await space.setting()).getTime()
  const isDue = (pending: Pending | undefined, now: number) => (pending?.deliveries.nextDue() ?? Infinity) <= now
  for (let now = await readNow(); !scheduler.stopped; now = await readNow()) {
    const pending = scheduler.pendingIn(space.name)
    pending?.deliveries.start(now)
    await pending?.deliveries.settled()
    if (!isDue(scheduler.pendingIn(space.name), now)) return
  }
}

/** Writes the clock unless another call has changed it since this move last wrote it. */
async function writeClock(move: Move, next: ClockSetting | undefined): Promise<void> {
  const { written } = move
  await move.space.transact(async (rows) => {
    const row = await rows.get('sandbox.clock', 'clock')
    // Rows of this table are written by the sandbox alone.
    if (!isSame(row as ClockSetting | undefined, written) || !(await move.space.isThere())) throw interrupted()
    if (next) rows.put('sandbox.clock', 'clock', { id: 'clock', ...next })
    else await rows.delete('sandbox.clock', 'clock')
  })
  move.written = next
}

function isSame(a: ClockSetting | undefined, b: ClockSetting | undefined): boolean {
  return a?.now === b?.now && a?.setAt === b?.setAt && a?.frozen === b?.frozen
}

function interrupted(): Problem {
  return new Conflict({
    type: 'clock-interrupted',
    title: 'Another call changed the clock.',
    detail:
      'A reset, a restored snapshot, a seed or the deletion of the workspace interrupted this call; it fired nothing further. "coinslot clock" shows the time; advance again from there.',
  })
}

function tooManyTimers(at: number): Problem {
  return new InvalidInput({
    type: 'too-much-falls-due',
    title: 'Too many timers.',
    detail: `${firingLimit} timers fired and the clock shows ${new Date(at).toISOString()}. Advance again to go on, in smaller steps.`,
  })
}

/** Events that one call lists. */
const mostEvents = 500

/** Timers that one call fires; a handler that sets its timer again at the same time ends here. */
const firingLimit = 100_000
