import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DueQueue } from '../../src/schedule/due-queue.js'

const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key: fc.integer({ min: 0, max: 30 }), at: fc.integer({ min: -5, max: 5 }) }),
  fc.record({ kind: fc.constant('delete' as const), key: fc.integer({ min: 0, max: 30 }), at: fc.constant(0) }),
)

function drain(queue: DueQueue): [string, number][] {
  const all: [string, number][] = []
  for (let first = queue.first(); first; first = queue.first()) {
    all.push([first.key, first.at])
    queue.delete(first.key)
  }
  return all
}

test('keys come in the order they fall due, those of one moment in the order they first came', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new DueQueue()
      // A map keeps the place of a key that is set again, as the queue does.
      const model = new Map<string, number>()
      for (const { kind, key, at } of steps) {
        if (kind === 'set') {
          queue.set(String(key), at)
          model.set(String(key), at)
        } else {
          queue.delete(String(key))
          model.delete(String(key))
        }
      }
      expect(queue.size).toBe(model.size)
      expect(drain(queue)).toEqual([...model].sort((a, b) => a[1] - b[1]))
    }),
  )
})
