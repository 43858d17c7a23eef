import { z } from 'zod'

/** Returns the schema of a whole number in a query: digits alone, as 0x10, 1e2 and a blank would be read as other numbers than they seem. */
export function queryNumber({ min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number }) {
  const error = ({ code }: { code: string }) => (code === 'invalid_type' ? 'must be a whole number' : undefined)
  const number = z.int({ error }).min(min).max(max)
  return z.preprocess((text) => (typeof text === 'string' && /^-?\d+$/.test(text) ? Number(text) : text), number)
}
