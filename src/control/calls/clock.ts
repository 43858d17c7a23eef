import { z } from 'zod'
import { clockRequest } from '../../kernel/clock-request.js'
import { latestMoment, readClock, realTime, type ClockSetting } from '../../kernel/clock.js'
import { InvalidInput } from '../../kernel/problem.js'
import { addPeriod, periodForm, periodWords, spanWords } from '../../marketplace/period.js'
import { advanceClock, type ClockMove } from '../../schedule/advance-clock.js'
import { controlCall } from '../call.js'

const clockShape = z.object({ now: z.iso.datetime(), frozen: z.boolean() })

/** The clock after a move, with what fell due. */
export const movedShape = clockShape.extend({
  due: z
    .array(
      z.object({
        at: z.iso.datetime(),
        vendor: z.string(),
        text: z.string().describe('In the words of the vendor, such as "club.monthly renewed"; or a delivery with its answer'),
        delivery: z.string().nullable().describe('Id of the delivery that was attempted'),
        times: z.number().describe('Number of equal events in a row, which are listed once'),
        lastAt: z.iso.datetime().describe('Time of the last of them'),
      }),
    )
    .describe('What fell due on the way, in order: the first 500 renewals, expiries and deliveries'),
  dueCount: z.number().describe('Number of all of them'),
})

const advanceRequest = z
  .strictObject({
    ms: z.int().min(0).optional(),
    duration: z.string().regex(periodForm, 'must be an ISO 8601 duration such as P1M or PT90S').optional(),
  })
  .refine(({ ms, duration }) => (ms === undefined) !== (duration === undefined), { message: 'give either ms or duration' })

/** Calls that read, set, advance and reset the workspace's clock. */
export const clockCalls = [
  controlCall({
    method: 'GET',
    path: '/clock',
    tag: 'clock',
    summary: "The workspace's clock",
    answers: { 200: { description: 'The clock', schema: clockShape } },
    async handle({ reading }) {
      const { space } = await reading()
      return show((await space.setting()).clock)
    },
  }),
  controlCall({
    method: 'PUT',
    path: '/clock',
    tag: 'clock',
    summary: 'Set the clock; moving it forward first fires everything that falls due',
    body: clockRequest,
    answers: {
      200: { description: 'The clock, and what fell due', schema: movedShape },
      409: interruptedAnswer(),
      422: { description: 'Invalid time' },
    },
    note: ({ body }) => `clock set to ${body.now}${body.frozen ? ' and frozen' : ''}`,
    async handle({ context, body, writing }) {
      const { space } = await writing()
      const move = await advanceClock(context.scheduler, space, {
        target: () => new Date(body.now).getTime(),
        setting: (now) => ({ now, setAt: realTime(), frozen: body.frozen }),
      })
      return showMove(move)
    },
  }),
  controlCall({
    method: 'DELETE',
    path: '/clock',
    tag: 'clock',
    summary: 'Return to real time',
    answers: { 204: { description: 'The clock shows real time' }, 409: interruptedAnswer() },
    note: () => 'clock back to real time',
    async handle({ context, writing }) {
      const { space } = await writing()
      await advanceClock(context.scheduler, space, { target: () => realTime(), setting: () => undefined })
    },
  }),
  controlCall({
    method: 'POST',
    path: '/clock/advance',
    tag: 'clock',
    summary: 'Advance the clock; everything that falls due fires in order before the reply',
    body: advanceRequest,
    answers: {
      200: { description: 'The clock, and what fell due', schema: movedShape },
      409: interruptedAnswer(),
      422: { description: 'Invalid duration, past the year 9999, or too many timers' },
    },
    note: ({ body }) => `clock advanced by ${body.duration === undefined ? spanWords(body.ms ?? 0) : periodWords(body.duration)}`,
    async handle({ context, body, writing }) {
      const { space } = await writing()
      const move = await advanceClock(context.scheduler, space, {
        target: (from) => after(from, body),
        setting: (now, before) => ({ now, setAt: realTime(), frozen: before?.frozen ?? false }),
      })
      return showMove(move)
    },
  }),
]

/** A move of the clock as the control API shows it. */
function showMove({ clock, due, dueCount }: ClockMove): z.infer<typeof movedShape> {
  const events = due.map(({ at, lastAt, ...event }) => ({
    ...event,
    at: new Date(at).toISOString(),
    lastAt: new Date(lastAt).toISOString(),
  }))
  return { ...show(clock, clock?.setAt), due: events, dueCount }
}

/** The clock as the control API shows it. */
function show(clock: ClockSetting | undefined, real = realTime()): z.infer<typeof clockShape> {
  return { now: new Date(readClock(clock, real)).toISOString(), frozen: clock?.frozen ?? false }
}

function after(from: number, { ms, duration }: z.infer<typeof advanceRequest>): number {
  const next = duration === undefined ? from + (ms ?? 0) : addPeriod(new Date(from), duration).getTime()
  if (next < latestMoment) return next
  throw new InvalidInput({
    type: 'invalid',
    title: 'Time out of range.',
    detail: 'The clock cannot go past the year 9999; advance by less.',
    errors: [{ path: duration === undefined ? '/ms' : '/duration', message: 'goes past the year 9999' }],
  })
}

function interruptedAnswer() {
  return { description: 'A reset, a restored snapshot or a seed changed the clock during this call' }
}
