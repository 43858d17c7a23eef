/** Formats a time of day with milliseconds in the browser's locale. */
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
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
}

/** A rounded age, such as "2 min ago". */
export function span(ms: number): string {
  if (ms < 60_000) return `${Math.max(1, Math.round(ms / 1000))} s`
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`
  return `${Math.round(ms / 3_600_000)} h`
}

/** `1 row`, `2 rows`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** Class of an answer for its colour: accepted, refused, failed, or no answer. */
export function mood(status: number | null): 'good' | 'refused' | 'failed' | 'silent' {
  if (status === null) return 'silent'
  if (status < 400) return 'good'
  return status < 500 ? 'refused' : 'failed'
}

/** A word for each mood, so that colour is never the only sign. */
export function statusWord(status: number | null): string {
  return status === null ? 'no answer' : String(status)
}

const timeFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 })
const dayFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
