/** Returns a date in the three forms of verifyReceipt: by Greenwich, in milliseconds as text, and by the clocks of California. */
export function dateForms(name: string, date: Date | string): Record<string, string> {
  const moment = new Date(date)
  return { [name]: greenwich(moment), [`${name}_ms`]: String(moment.getTime()), [`${name}_pst`]: pacific(moment) }
}

/** A date as verifyReceipt writes it: `2026-01-01 00:00:00 Etc/GMT`. */
export function greenwich(date: Date): string {
  const iso = date.toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} Etc/GMT`
}

/** A date by the clocks of California, where daylight saving time is kept. */
export function pacific(date: Date): string {
  return `${formatter.format(date)} America/Los_Angeles`
}

// The Swedish locale has the same format as receipts. Making a formatter costs more than a thousand dates.
const formatter = new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/Los_Angeles', dateStyle: 'short', timeStyle: 'medium' })
