import { expect, test } from 'vitest'
import { idsFrom, randomSource, seededSource } from '../../src/kernel/ids.js'

test('the same seed and name give the same ids, another name gives others', () => {
  const first = idsFrom(seededSource('7', 'default'))
  const again = idsFrom(seededSource('7', 'default'))
  const other = idsFrom(seededSource('7', 'ci-1'))

  const ids = [first.uuid(), first.uuid()]

  expect([again.uuid(), again.uuid()]).toEqual(ids)
  expect(other.uuid()).not.toBe(ids[0])
})

test.each([0, 1, 15, 16, 17, 40])('a source goes on from byte %i as if it had never stopped', (position) => {
  const whole = seededSource('7', 'default').bytes(position + 50)

  expect(seededSource('7', 'default', position).bytes(50).equals(whole.subarray(position))).toBe(true)
})

test('random ids do not repeat, across many pools', () => {
  const ids = idsFrom(randomSource())

  const drawn = new Set(Array.from({ length: 5000 }, () => ids.uuid()))

  expect(drawn.size).toBe(5000)
})

test('bytes once given stay as they are', () => {
  const source = randomSource()
  const first = source.bytes(16)
  const copy = Buffer.from(first)

  for (let draw = 0; draw < 2000; draw++) source.bytes(16).fill(0)

  expect(first.equals(copy)).toBe(true)
})

test('a version 1 UUID carries its time, its version and a node that is no real address', () => {
  const now = new Date('2026-01-02T03:04:05.678Z')

  const uuid = idsFrom(randomSource()).uuidV1(now)

  const [low, middle, high, sequence, node] = uuid.split('-') as [string, string, string, string, string]
  const time = BigInt(`0x${high.slice(1)}${middle}${low}`)
  expect(high[0]).toBe('1')
  expect(Number((time - 0x01b21dd213814000n) / 10_000n)).toBe(now.getTime())
  expect(Number.parseInt(sequence, 16) >> 14).toBe(2)
  expect(Number.parseInt(node.slice(0, 2), 16) & 1).toBe(1)
})

test('digits begin with none that could be lost', () => {
  const ids = idsFrom(randomSource())

  for (let draw = 0; draw < 200; draw++) expect(ids.digits(9)).toMatch(/^[1-9]\d{8}$/)
})
