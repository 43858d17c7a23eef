import type { Call } from './calls.js'
import { press, pressAfresh } from './load.js'

/** Something that is set up before one side of a pair is pressed, and taken down after. */
export interface Side {
  url: string
  call: Call
  /** True if stored rows are reset before each run. */
  resets?: boolean
  around?: () => Promise<() => Promise<void>>
}

/** Throughput of one side in percent of the other's, in each of some pairs that take turns in who comes first. */
export async function pairedRatios(one: Side, other: Side, { pairs, seconds }: { pairs: number; seconds: number }): Promise<number[]> {
  await rate(one, seconds)
  await rate(other, seconds)
  const ratios: number[] = []
  for (let pair = 0; pair < pairs; pair++) {
    const isFirst = pair % 2 === 0
    const first = await rate(isFirst ? one : other, seconds)
    const second = await rate(isFirst ? other : one, seconds)
    ratios.push(100 * (isFirst ? first / second : second / first))
  }
  return ratios
}

async function rate({ url, call, resets, around }: Side, seconds: number): Promise<number> {
  const end = await around?.()
  const pressed = await (resets ? pressAfresh : press)(url, call, { connections: 16, seconds })
  await end?.()
  return pressed.rate
}
