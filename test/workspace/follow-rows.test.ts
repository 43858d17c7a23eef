import { expect, test } from 'vitest'
import { defineVendor } from '../../src/contract.js'
import { echo } from '../support/echo.js'
import { aSandbox } from '../support/sandbox.js'

const now = '2026-01-01T00:00:00.000Z'

/** Writes down which hooks others wrote, and how many there were by then; one that is called "wrong" it does not take. */
const keen = defineVendor({
  ...echo,
  onRowWritten: {
    async hooks(scope, db, _transaction, { before, after }) {
      if (after?.['name'] === 'wrong') throw new Error('not this one')
      const names = (await db['hooks']!.list()).map((row) => row['name'])
      const words = JSON.stringify([before?.['url'] ?? null, after?.['url'] ?? null, names, scope.now.toISOString()])
      db['heard']!.put({ id: String((after ?? before)?.['name']), words })
    },
  },
})

const aKeen = (echoRows: object = {}) => aSandbox({ roster: [keen], seedDocument: { clock: { now, frozen: true }, echo: echoRows } })
const hook = (name: string, url = '') => ({ name, url })

const heard = async (sandbox: Awaited<ReturnType<typeof aKeen>>) =>
  (await sandbox.rows('echo', 'heard')).map(({ id, words }) => [id, ...(JSON.parse(String(words)) as unknown[])])

test('a vendor hears of rows of the start-up seed in each workspace, once all are there', async () => {
  const sandbox = await aKeen({ hooks: [hook('a'), hook('b')] })

  expect(await heard(sandbox)).toEqual([
    ['a', null, '', ['a', 'b'], now],
    ['b', null, '', ['a', 'b'], now],
  ])
  await sandbox.control('DELETE', 'tables/echo/heard/a')
  await sandbox.control('POST', 'reset')
  expect(await heard(sandbox)).toHaveLength(2)
})

test('a vendor hears of rows that a seed or PUT writes and DELETE takes away', async () => {
  const sandbox = await aKeen()

  await sandbox.control('POST', 'seed', { echo: { hooks: [hook('a', '1')] } })
  expect(await heard(sandbox)).toEqual([['a', null, '1', ['a'], now]])
  await sandbox.control('PUT', 'tables/echo/hooks/a', hook('a', '2'))
  expect(await heard(sandbox)).toEqual([['a', '1', '2', ['a'], now]])
  await sandbox.control('DELETE', 'tables/echo/hooks/a')
  expect(await heard(sandbox)).toEqual([['a', '2', null, [], now]])
})

test('a vendor hears of a row at the moment that the same seed sets', async () => {
  const sandbox = await aKeen()
  const later = '2027-01-01T00:00:00.000Z'

  await sandbox.control('POST', 'seed', { echo: { hooks: [hook('a')] }, clock: { now: later, frozen: true } })

  expect(await heard(sandbox)).toEqual([['a', null, '', ['a'], later]])
})

test('a vendor that fails keeps the whole seed from being written', async () => {
  const sandbox = await aKeen()

  const body = JSON.stringify({ echo: { hooks: [hook('a'), hook('wrong')] } })
  const reply = await sandbox.ask('/_sandbox/seed', { method: 'POST', body })

  expect(reply.status).toBe(500)
  expect(sandbox.reports.splice(0)).toHaveLength(1)
  expect(await sandbox.rows('echo', 'hooks')).toEqual([])
  expect(await heard(sandbox)).toEqual([])
})

test('deleting a row that is not there leaves nothing behind', async () => {
  const sandbox = await aKeen({ hooks: [hook('a')] })
  const left = await sandbox.context.store.dump('default')

  expect((await sandbox.ask('/_sandbox/tables/echo/hooks/b', { method: 'DELETE' })).status).toBe(404)

  expect(await sandbox.context.store.dump('default')).toEqual(left)
})
