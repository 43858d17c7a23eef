import { expect, test } from 'vitest'
import { limitConcurrency } from '../../src/kernel/limit-concurrency.js'

const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

test('the limit holds, work starts in the order of its calls, and a failure frees its slot', async () => {
  const inTurn = limitConcurrency(2)
  let running = 0
  let most = 0
  const begun: number[] = []
  const work = (number: number) =>
    inTurn(async () => {
      begun.push(number)
      most = Math.max(most, (running += 1))
      await new Promise((resume) => setImmediate(resume))
      running -= 1
      if (number === 1) throw new Error('no')
      return number
    })

  const done = await Promise.allSettled([0, 1, 2, 3, 4].map(work))

  expect(done.map((one) => (one.status === 'fulfilled' ? one.value : 'failed'))).toEqual([0, 'failed', 2, 3, 4])
  expect([most, begun]).toEqual([2, [0, 1, 2, 3, 4]])
})

test('every piece of work runs in the end, also when some fail', async () => {
  const enter = limitConcurrency(3)
  let inside = 0
  let most = 0

  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, at) =>
      enter(async () => {
        most = Math.max(most, ++inside)
        await tick()
        inside--
        if (at % 5 === 0) throw new Error('failed')
        return at
      }),
    ),
  )

  expect(most).toBe(3)
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(16)
})
