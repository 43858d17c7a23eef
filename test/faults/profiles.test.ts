import { expect, test } from 'vitest'
import * as roster from '../../src/vendors/index.js'
import { aSandbox, post } from '../support/sandbox.js'

test.each(Object.keys(roster))('flaky: %s answers 503 twice and then as ever', async (vendor) => {
  const sandbox = await aSandbox()
  await sandbox.control('POST', 'faults', { profile: 'flaky', match: { vendor } })

  const statuses: number[] = []
  for (let at = 0; at < 3; at++) statuses.push((await sandbox.ask(`/${vendor}/anything`)).status)

  expect(statuses.slice(0, 2)).toEqual([503, 503])
  expect(statuses[2]).not.toBe(503)
})

test.each(Object.values(roster).map(({ id, replies }) => [id, Object.entries(replies)] as const))(
  'every named reply of %s can be asked for and has the status it says',
  async (vendor, replies) => {
    const sandbox = await aSandbox()
    for (const [name, { status }] of replies) {
      await sandbox.control('POST', 'faults', { match: { vendor }, effect: { kind: 'reply', name }, times: 1 })
      expect([name, (await sandbox.ask(`/${vendor}/anything`, post({}))).status]).toEqual([name, status])
    }
  },
)

test.each([204, 205, 304])('a fault can answer %i, which has no body', async (status) => {
  const sandbox = await aSandbox()
  await sandbox.control('POST', 'faults', { match: { vendor: 'teak' }, effect: { kind: 'reply', status, body: 'ignored' } })

  expect((await sandbox.ask('/teak/v2/purchase')).status).toBe(status)
})
