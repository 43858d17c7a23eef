/** A workspace's time as it is kept: absent means real time. */
export interface ClockSetting {
  /** What the clock showed, Unix milliseconds, when real time was `setAt`. */
  now: number
  setAt: number
  frozen: boolean
}

/** Real time in Unix milliseconds; the only place that asks the system. */
export function realTime(): number {
  return Date.now()
}

/** The last millisecond that ISO 8601 writes with a year of four digits; a clock that runs stops there. */
export const latestMoment = Date.UTC(10_000, 0, 1) - 1

/** What a clock shows when real time is `real`, Unix milliseconds. */
export function readClock(setting: ClockSetting | undefined, real: number): number {
  if (!setting) return real
  return setting.frozen ? setting.now : Math.min(setting.now + (real - setting.setAt), latestMoment)
}

let last = { time: Number.NaN, text: '' }

/** A moment in ISO 8601. Many requests come within one millisecond, and writing it is dearer than looking whether it was just written. */
export function isoOf(moment: Date): string {
  const time = moment.getTime()
  if (time !== last.time) last = { time, text: moment.toISOString() }
  return last.text
}
