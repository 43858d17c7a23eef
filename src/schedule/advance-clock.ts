import { readClock, realTime, type ClockSetting } from '../kernel/clock.js'
import { Problem } from '../kernel/problem.js'
import type { Agenda } from './pending.js'
import type { Scheduler } from './scheduler.js'
import type { Workspace } from '../workspace/workspace.js'

/** Where a clock is to be moved, both by its own reading in Unix milliseconds. */
export interface Trip {
  /** The moment to go to, from the moment that it shows. */
  target(from: number): number
  /** The clock after it has arrived; undefined is real time. It may show a little later than the target where it kept running. */
  arrive(shown: number, before: ClockSetting | undefined): ClockSetting | undefined
}

/**
 * Moves the clock of a workspace. On the way forward everything that falls due happens at its own moment and in order, what that
 * brings about included, and deliveries are attempted and awaited; a way back is one step. The clock is written at each moment
 * something happens, so that whoever asks meanwhile, or finds the process killed, sees time and rows that fit.
 *
 * @throws Problem 409 when a reset, a restored snapshot or a seed came between, 422 when more falls due than one trip fires
 */
export async function travel(scheduler: Scheduler, space: Workspace, trip: Trip): Promise<ClockSetting | undefined> {
  return scheduler.alone(space.name, async () => {
    await scheduler.catchUp(space.name)
    const before = (await space.setting()).clock
    const from = readClock(before, realTime())
    const target = trip.target(from)
    const way = { scheduler, space, written: before }
    if (target >= from) await passUntil(way, target)
    // A clock that runs has run on while things happened; it is not set back for that.
    const ran = target > from && way.written !== before && !before?.frozen
    const arrived = trip.arrive(ran ? Math.max(target, readClock(way.written, realTime())) : target, before)
    await write(way, arrived)
    return arrived
  })
}

/** A trip under way, and the clock as it was last written. */
interface Way {
  scheduler: Scheduler
  space: Workspace
  written: ClockSetting | undefined
}

async function passUntil(way: Way, target: number): Promise<void> {
  const { scheduler, space } = way
  let left = mostFirings
  await deliverAll(way)
  for (;;) {
    const next = scheduler.agendaOf(space.name)?.nextDue()
    if (next === undefined || next > target) return
    const real = realTime()
    const shown = readClock(way.written, real)
    if (next > shown) await write(way, { now: next, setAt: real, frozen: way.written?.frozen ?? false })
    left -= await scheduler.fireUntil(space, next, left)
    if (left <= 0) throw tooMuch(next)
    await deliverAll(way)
    if (scheduler.stopped) throw new Problem(503, 'stopping', 'The sandbox stops.', `The clock stands at ${new Date(next).toISOString()}.`)
  }
}

/** Attempts what is due now and waits until no lane is under way. */
async function deliverAll({ scheduler, space }: Way): Promise<void> {
  const now = async () => space.now(await space.setting()).getTime()
  const isDue = (agenda: Agenda | undefined, moment: number) => (agenda?.lanes.nextDue() ?? Infinity) <= moment
  for (let moment = await now(); !scheduler.stopped; moment = await now()) {
    const agenda = scheduler.agendaOf(space.name)
    agenda?.lanes.start(moment)
    await agenda?.lanes.settled()
    if (!isDue(scheduler.agendaOf(space.name), moment)) return
  }
}

/** Writes the clock if it is still what this trip knows. */
async function write(way: Way, next: ClockSetting | undefined): Promise<void> {
  const { written } = way
  await way.space.transact(async (rows) => {
    const row = await rows.get('sandbox.clock', 'clock')
    // Rows of this table are written by the sandbox alone.
    if (!isSame(row as ClockSetting | undefined, written) || !(await way.space.isThere())) throw interrupted()
    if (next) rows.put('sandbox.clock', 'clock', { id: 'clock', ...next })
    else await rows.delete('sandbox.clock', 'clock')
  })
  way.written = next
}

function isSame(a: ClockSetting | undefined, b: ClockSetting | undefined): boolean {
  return a?.now === b?.now && a?.setAt === b?.setAt && a?.frozen === b?.frozen
}

function interrupted(): Problem {
  return new Problem(
    409,
    'clock-interrupted',
    'The clock was set meanwhile.',
    'A reset, a restored snapshot, a seed or the end of the workspace came while this call was moving the clock; nothing further was fired. GET /_sandbox/clock shows where it stands; advance again from there.',
  )
}

function tooMuch(moment: number): Problem {
  return new Problem(
    422,
    'too-much-falls-due',
    'Too much falls due.',
    `${mostFirings} timers fired and the clock stands at ${new Date(moment).toISOString()}. Advance again to go on, in smaller steps.`,
  )
}

/** Timers that one trip fires; a handler that sets itself again at its own moment ends here. */
const mostFirings = 100_000
