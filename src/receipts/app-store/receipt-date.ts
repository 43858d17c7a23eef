/** A date of a receipt: its string, and Unix milliseconds if the string is a valid date. */
export interface ReceiptDate {
  text: string
  ms: number | null
}

/**
 * Reads a date of either receipt style: `2015-06-23T12:22:12Z`, with an offset such as `+0100` in receipts of Xcode, or
 * `2015-06-23 12:22:12 Etc/GMT` in transaction receipts. An empty string is an absent date.
 */
export function readDate(text: string | undefined): ReceiptDate | undefined {
  return text === undefined || text === '' ? undefined : { text, ms: millisecondsOf(text) }
}

/** A date as unified receipts write it, to the second. */
export function unifiedDate(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}

/** A date as transaction receipts write it: local time and the name of the zone, UTC being `Etc/GMT`. */
export function transactionDate(date: Date, zone: 'Etc/GMT' | 'America/Los_Angeles'): string {
  // The Swedish locale has the same format as receipts.
  return `${date.toLocaleString('sv-SE', { timeZone: zone })} ${zone}`
}

const pattern = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,3})\d{0,6})?(?:Z| ?Etc\/GMT|([+-])(\d{2}):?(\d{2}))$/

function millisecondsOf(text: string): number | null {
  const [whole, year, month, day, hour, minute, second, fraction = '', sign, offsetHours, offsetMinutes] = pattern.exec(text) ?? []
  if (whole === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day))
  // A day such as 31 February rolls over into another month, so the string is not a valid date.
  if (new Date(midnight).getUTCDate() !== Number(day) || Number(month) > 12 || Number(year) < 1000) return null
  const local = midnight + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 + Number(fraction.padEnd(3, '0'))
  const offset = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * 60_000
  return sign === '-' ? local + offset : local - offset
}
