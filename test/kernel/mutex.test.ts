import { expect, test } from 'vitest'
import { Mutex } from '../../src/kernel/mutex.js'

const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

test('work under one key runs one after the other, under different keys side by side', async () => {
  const mutex = new Mutex()
  const log: string[] = []
  const work = (name: string) => async () => {
    log.push(`${name} begins`)
    await tick()
    log.push(`${name} ends`)
  }

  await Promise.all([mutex.run('a', work('a1')), mutex.run('a', work('a2')), mutex.run('b', work('b1'))])

  expect(log).toHaveLength(6)
  expect(log.indexOf('a2 begins')).toBeGreaterThan(log.indexOf('a1 ends'))
  expect(log.indexOf('b1 begins')).toBeLessThan(log.indexOf('a1 ends'))
})

test('work that fails rejects for its caller and lets the next piece run', async () => {
  const mutex = new Mutex()

  const failed = mutex.run('a', () => Promise.reject(new Error('no')))
  const next = mutex.run('a', async () => 'yes')

  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe('yes')
  expect(mutex.isLocked('a')).toBe(false)
})

test('the callback for an unlocked key is called once, after the last piece of work', async () => {
  const mutex = new Mutex()
  let calls = 0

  await Promise.all([1, 2, 3].map(() => mutex.run('a', tick, () => calls++)))

  expect(calls).toBe(1)
})
