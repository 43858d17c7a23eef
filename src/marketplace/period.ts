import { latestMoment } from '../kernel/clock.js'

/** A duration of one subscription period in the parts that calendars count differently. */
interface PeriodParts {
  months: number
  ms: number
}

/** An ISO 8601 duration that a subscription can have: `P1M`, `P1Y`, `P7D`, `PT5M`. Numbers are bounded, so that dates stay dates. */
export const periodForm =
  /^P(?=.)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?$/

/** True if a string is a valid subscription period: an ISO 8601 duration of at least a minute. */
export function isPeriod(text: string): boolean {
  const parts = partsOf(text)
  return parts !== undefined && (parts.months > 0 || parts.ms >= minute)
}

/**
 * Returns the time one period later by the UTC calendar: the 31st becomes the last day of a shorter month. Never later than the
 * end of the year 9999, so that the result always has an ISO form. An invalid period counts as a month.
 */
export function addPeriod(start: Date, period: string): Date {
  const { months, ms } = partsOf(period) ?? { months: 1, ms: 0 }
  const moved = new Date(start)
  moved.setUTCDate(1)
  moved.setUTCMonth(moved.getUTCMonth() + months)
  const lastDay = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate()
  moved.setUTCDate(Math.min(start.getUTCDate(), lastDay))
  const at = moved.getTime() + ms
  return new Date(at < latestMoment ? at : latestMoment)
}

/** Returns the period between two times: calendar months if they fit exactly, else seconds; undefined if shorter than a minute. */
export function periodBetween(start: Date, end: Date): string | undefined {
  const months = (end.getUTCFullYear() - start.getUTCFullYear()) * 12 + end.getUTCMonth() - start.getUTCMonth()
  if (months > 0 && months <= 9999 && addPeriod(start, `P${months}M`).getTime() === end.getTime()) return `P${months}M`
  const period = `PT${Math.round((end.getTime() - start.getTime()) / 1000)}S`
  return isPeriod(period) ? period : undefined
}

/** Returns the length of a period in milliseconds, undefined if it has months, which differ in length. */
export function fixedLength(period: string): number | undefined {
  const parts = partsOf(period)
  return parts !== undefined && parts.months === 0 ? parts.ms : undefined
}

/** Returns a period in words, such as "1 month" or "1 day and 12 hours"; an invalid one as it is. */
export function periodWords(period: string): string {
  const found = periodForm.exec(period)
  if (!found) return period
  const parts = found.slice(1).flatMap((count, at) => (Number(count ?? 0) > 0 ? [countWords(Number(count), unitNames[at] ?? '')] : []))
  if (parts.length === 0) return '0 seconds'
  return parts.length === 1 ? String(parts[0]) : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

/** Returns a span in words, in the largest unit that leaves no rest, such as "90 seconds" or "2 hours". */
export function spanWords(ms: number): string {
  const unit = spanUnits.find(({ length }) => ms > 0 && ms % length === 0)
  return unit ? countWords(ms / unit.length, unit.name) : `${ms} ms`
}

function countWords(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** Units in the order of an ISO 8601 duration. */
const unitNames = ['year', 'month', 'week', 'day', 'hour', 'minute', 'second']

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const spanUnits = [
  { name: 'day', length: day },
  { name: 'hour', length: hour },
  { name: 'minute', length: minute },
  { name: 'second', length: 1000 },
]

function partsOf(text: string): PeriodParts | undefined {
  const found = periodForm.exec(text)
  if (!found) return undefined
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0))
  return { months: years * 12 + months, ms: (weeks * 7 + days) * day + hours * hour + minutes * minute + seconds * 1000 }
}
