import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { bundle } from '../../src/http/bundle.js'

test('what comes up in one turn starts together at its end, in order; what comes up meanwhile, in the next', async () => {
  const started: string[] = []
  const together = bundle()

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
