import { expect, test } from 'vitest'
import { fewAtOnce } from '../../src/store/few-at-once.js'

test('no more than so many run at once, in the order in which they came, and a failure gives its place up', async () => {
  const inTurn = fewAtOnce(2)
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
