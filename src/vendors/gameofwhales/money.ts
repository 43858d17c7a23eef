/**
 * Amounts are decimal numbers, and JSON numbers are binary: 1.005 is stored as a little less, so sums and rounding in floating point can be
 * a cent off. Each function works on the digits of the shortest decimal form.
 */

/** The sum of two amounts, at most the largest number. */
export function sumOf(one: number, other: number): number {
  const [a, b] = [decimalOf(one), decimalOf(other)]
  const places = Math.max(a.places, b.places)
  return numberOf({ digits: scaled(a, places) + scaled(b, places), places })
}

/** A price times 100 as currency units. */
export function unitsOf(price: number): number {
  const { digits, places } = decimalOf(price)
  return numberOf({ digits, places: places + 2 })
}

/** An amount rounded to two decimals; half a cent is rounded away from zero. */
export function roundedToCents(amount: number): number {
  const { digits, places } = decimalOf(amount)
  if (places <= 2) return amount
  const step = 10n ** BigInt(places - 2)
  const half = digits < 0n ? -step / 2n : step / 2n
  return numberOf({ digits: (digits + half) / step, places: 2 })
}

/** `digits` divided by ten to the power of `places`. */
interface Decimal {
  digits: bigint
  places: number
}

function decimalOf(value: number): Decimal {
  const [mantissa = '', exponent = '0'] = String(value).split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const places = fraction.length - Number(exponent)
  const digits = BigInt(whole + fraction)
  return places < 0 ? { digits: digits * 10n ** BigInt(-places), places: 0 } : { digits, places }
}

function scaled({ digits, places }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - places)
}

function numberOf({ digits, places }: Decimal): number {
  const value = Number(`${digits}e${-places}`)
  return Math.max(-Number.MAX_VALUE, Math.min(value, Number.MAX_VALUE))
}
