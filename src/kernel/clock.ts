/** Stored clock of a workspace. A workspace without one has real time. */
export interface ClockSetting {
  /** Time of this clock, Unix milliseconds, when real time was `setAt`. */
  now: number
  setAt: number
  frozen: boolean
}

/** Real time in Unix milliseconds. All other code gets the time from here. */
export function realTime(): number {
  return Date.now()
}

/** The last millisecond that ISO 8601 writes with a year of four digits; a clock that runs stops there. */
export const latestMoment = Date.UTC(10_000, 0, 1) - 1

/** The first millisecond that ISO 8601 writes with a year of four digits. */
export const earliestMoment = Date.parse('0000-01-01T00:00:00Z')

/** Returns Unix milliseconds in ISO 8601; undefined if they are absent or need a year of more than four digits. */
export function isoDate(ms: number | null | undefined): string | undefined {
  return ms != null && ms >= earliestMoment && ms <= latestMoment ? new Date(ms).toISOString() : undefined
}

/** Time of a clock when real time is `real`, Unix milliseconds. */
export function readClock(setting: ClockSetting | undefined, real: number): number {
  if (!setting) return real
  return setting.frozen ? setting.now : Math.min(setting.now + (real - setting.setAt), latestMoment)
}

let last = { time: Number.NaN, text: '' }

/** Formats a time in ISO 8601. The last string is kept, because many requests arrive within one millisecond. */
export function isoOf(date: Date): string {
  const time = date.getTime()
  if (time !== last.time) last = { time, text: date.toISOString() }
  return last.text
}
