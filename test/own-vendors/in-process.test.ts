import { onTestFinished, expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { echo } from '../support/echo.js'

test('a test hands its own vendor over as a value', async () => {
  const sandbox = await createSandbox({ memory: true, port: 0, vendor: [echo], seed: { echo: { notes: [] } } })
  onTestFinished(() => sandbox.close())

  const answer = await fetch(`${sandbox.urlFor('echo')}/echo`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ id: 'n-1', text: 'hello' }),
  })

  expect(answer.status).toBe(200)
  await sandbox.verify({ vendor: 'echo', outcome: 'recorded', times: 1 })
  expect(await sandbox.rows('echo', 'notes')).toMatchObject([{ id: 'n-1', text: 'hello' }])
})

test('a value that is no vendor is told what is wrong with it, not a stack', async () => {
  const half = { ...echo, failureReply: undefined } as unknown as typeof echo

  await expect(createSandbox({ memory: true, port: 0, vendor: [half] })).rejects.toThrow(
    /vendor\[0\]:\n {2}failureReply must be a function/,
  )
})
