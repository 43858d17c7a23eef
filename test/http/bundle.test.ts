import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { bundle } from '../../src/http/bundle.js'

test('what comes up in one turn starts together at its end, in order; what comes up meanwhile, in the next', async () => {
  const started: string[] = []
  const together = bundle(setImmediate)

  together(() => {
    started.push('first')
    together(() => started.push('later'))
  })
  together(() => started.push('second'))
  expect(started).toEqual([])
  await turn()
  expect(started).toEqual(['first', 'second'])
  await turn()
  expect(started).toEqual(['first', 'second', 'later'])
})

test('what is to leave waits for everything that needs nothing from outside, however many steps that takes', async () => {
  const left: string[] = []
  const together = bundle(process.nextTick)
  const afterSteps = async (steps: number, name: string) => {
    for (let step = 0; step < steps; step++) await Promise.resolve()
    left.push(`${name} is done`)
    together(() => left.push(`${name} leaves`))
  }

  await turn()
  await Promise.all([afterSteps(1, 'first'), afterSteps(100, 'second')])
  await turn()

  expect(left).toEqual(['first is done', 'second is done', 'first leaves', 'second leaves'])
})
