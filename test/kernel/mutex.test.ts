import { expect, test } from 'vitest'
import { Turns } from '../../src/kernel/mutex.js'

const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

test('work of one name runs one after the other, of different names side by side', async () => {
  const turns = new Turns()
  const log: string[] = []
  const work = (name: string) => async () => {
    log.push(`${name} begins`)
    await tick()
    log.push(`${name} ends`)
  }

  await Promise.all([turns.take('a', work('a1')), turns.take('a', work('a2')), turns.take('b', work('b1'))])

  expect(log).toHaveLength(6)
  expect(log.indexOf('a2 begins')).toBeGreaterThan(log.indexOf('a1 ends'))
  expect(log.indexOf('b1 begins')).toBeLessThan(log.indexOf('a1 ends'))
})

test('work that fails tells its caller and lets the next one run', async () => {
  const turns = new Turns()

  const failed = turns.take('a', () => Promise.reject(new Error('no')))
  const next = turns.take('a', async () => 'yes')

  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe('yes')
  expect(turns.has('a')).toBe(false)
})

test('rest is told once, when nobody comes after', async () => {
  const turns = new Turns()
  let rests = 0

  await Promise.all([1, 2, 3].map(() => turns.take('a', tick, () => rests++)))

  expect(rests).toBe(1)
})
