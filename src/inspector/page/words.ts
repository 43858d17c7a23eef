import { connectionWords, plainDurations } from '../plain-words.js'
import type { Tone } from '../purchase-rows.js'

/** Formats a time of day with milliseconds in the browser's time zone. */
export function timeOfDay(iso: string): string {
  return timeFormat.format(new Date(iso))
}

/** A day and time of day. */
export function dayAndTime(iso: string): string {
  return dayFormat.format(new Date(iso))
}

/** A duration in short form. */
export function duration(ms: number): string {
  if (ms < 1) return '<1 ms'
  return ms < 1000 ? `${Math.round(ms)} ms` : span(ms)
}

/** A rounded span, such as "2 min" or "31 d". */
export function span(ms: number): string {
  if (ms < 60_000) return `${Math.max(1, Math.round(ms / 1000))} s`
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`
}

/** A time as the span since then, with its date: "5 min ago, 30 Nov 2026, 09:05:28". */
export function agoWords(iso: string): string {
  const ms = Date.now() - Date.parse(iso)
  return `${ms < 10_000 ? 'just now' : `${span(ms)} ago`}, ${dayAndTime(iso)}`
}

/** True if two times differ by more than the rounding of a running clock. */
export function differ(one: string, other: string): boolean {
  return Math.abs(Date.parse(one) - Date.parse(other)) > 1_000
}

/** `1 row`, `2 rows`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** Number of kept requests with these outcomes: their bars cover the kept ones alone. */
export function keptOf(outcomes: readonly { bars: readonly number[] }[]): number {
  return outcomes.reduce((sum, { bars }) => sum + bars.reduce((own, count) => own + count, 0), 0)
}

/** Answer to an attempt of a delivery. */
export function answerOf(attempt: { status: number | null; error?: string | undefined } | undefined): string {
  if (attempt?.error !== undefined) return connectionWords(attempt.error)
  return attempt?.status == null ? 'no answer' : String(attempt.status)
}

/** A text of the sandbox with its ISO 8601 times and durations in words. */
export function plainTimes(text: string): string {
  return plainDurations(text).replaceAll(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, (iso) => dayAndTime(iso))
}

/** Title of a simulated store: `google_play` is Google Play. */
export function storeTitle(id: string): string {
  return id
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ')
}

/** A long id with its middle left out. */
export function shortened(id: string, characters = 24): string {
  return id.length <= characters ? id : `${id.slice(0, characters - 9)}…${id.slice(-6)}`
}

/** Sign of each meaning, so that colour is never the only one. */
export const signs: Readonly<Record<Tone, string>> = {
  accepted: '✓',
  repeated: '↻',
  pending: '…',
  refused: '✗',
  failed: '!',
  plain: '·',
}

/** Findings of the client report, in words. */
export const reportWords: Readonly<Record<string, { title: string; advice: string; mark: (after: string) => string }>> = {
  'no-pause': {
    title: 'Retried without a pause',
    advice: 'After no answer, 429, 503 or a server error the game should wait before it sends the request again, longer each time.',
    mark: (after) => `retried after ${after}`,
  },
  'two-ids': {
    title: 'One purchase under two ids',
    advice: 'The game made a new id for a purchase that it had sent before. It should keep the id until the purchase is confirmed.',
    mark: () => 'same purchase, second id',
  },
  'success-resent': {
    title: 'A success was sent again',
    advice: 'The game had the answer that its purchase was accepted and sent it again. It should remember what is done.',
    mark: (after) => `sent again ${after} after it succeeded`,
  },
  'refusal-repeated': {
    title: 'A refusal was repeated unchanged',
    advice: 'The same request can only be refused again. The game should show an error or change the request.',
    mark: (after) => `same refused request, ${after} later`,
  },
}

const timeFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 })
const dayFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
