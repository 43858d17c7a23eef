/** Parts of a decimal literal: ± digits × 10^exponent, without leading or trailing zeros in `digits`; zero has no digits. */
export interface Decimal {
  negative: boolean
  digits: string
  exponent: number
}

/** Reads a decimal literal as Java's BigDecimal does; undefined if the string is not a number. */
export function parseDecimal(text: string): Decimal | undefined {
  const parts = literal.exec(text)
  if (!parts) return undefined
  const [, sign, whole = '', fraction = '', bareFraction = '', power = '0'] = parts
  const exponent = Number(power)
  if (Math.abs(exponent) > largestExponent) return undefined
  const mantissa = whole + fraction + bareFraction
  let first = 0
  while (mantissa.charCodeAt(first) === zero) first++
  let end = mantissa.length
  while (end > first && mantissa.charCodeAt(end - 1) === zero) end--
  return {
    negative: sign === '-',
    digits: mantissa.slice(first, end),
    exponent: exponent - fraction.length - bareFraction.length + (mantissa.length - end),
  }
}

/** True if two decimal literals have the same value, such as 1.10 and 1.1; false if one is not a number. */
export function isSameDecimal(first: string, second: string): boolean {
  if (first === second) return true
  const one = parseDecimal(first)
  const other = parseDecimal(second)
  if (!one || !other) return false
  // Zero has one value, however it is written.
  if (one.digits === '' && other.digits === '') return true
  return one.negative === other.negative && one.digits === other.digits && one.exponent === other.exponent
}

/** True for whole numbers. */
export function isIntegral(decimal: Decimal): boolean {
  return decimal.digits === '' || decimal.exponent >= 0
}

/** The integer part; undefined if it exceeds 64 bits. */
export function truncated(decimal: Decimal): bigint | undefined {
  const length = decimal.digits.length + decimal.exponent
  if (decimal.digits === '' || length <= 0) return 0n
  if (length > longDigits) return undefined
  const size = BigInt(decimal.digits.slice(0, length).padEnd(length, '0'))
  const value = decimal.negative ? -size : size
  return BigInt.asIntN(64, value) === value ? value : undefined
}

const literal = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,10}))?$/
const largestExponent = 2 ** 31 - 1
const longDigits = 19
const zero = 0x30
