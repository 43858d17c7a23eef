import { expect, test } from 'vitest'
import { aSandbox } from '../../support/sandbox.js'
import { envelope, explanations } from './calls.js'

const warning = (numbers: string, advice = '') => `${numbers}: JavaScript holds no more digits.${advice}`

test.each<[string, string, string[]]>([
  [
    'profile',
    '{"params":{"x":1e400}}',
    [warning('event.params.x is 1e400 and is kept as null', ' Send a string to keep those of event.params.x.')],
  ],
  [
    'profile',
    '{"params":{"a":[{"steam":76561198122624102}],"b":-1e400}}',
    [
      warning(
        'event.params.a.0.steam is 76561198122624102 and is kept as 76561198122624100, event.params.b is -1e400 and is kept as null',
        ' Send a string to keep those of event.params.a.0.steam, event.params.b.',
      ),
    ],
  ],
  ['login', '{"at":1710064800000.12345678}', [warning('event.at is 1710064800000.12345678 and is kept as 1710064800000.1235')]],
  [
    'purchase',
    '{"product":"gems","currency":"EUR","price":199,"at":9007199254740993}',
    [warning('event.at is 9007199254740993 and is kept as 9007199254740992')],
  ],
  [
    'profile',
    '{"params":{"x":1e400},"at":9007199254740993}',
    [
      warning(
        'event.params.x is 1e400 and is kept as null, event.at is 9007199254740993 and is kept as 9007199254740992',
        ' Send a string to keep those of event.params.x.',
      ),
    ],
  ],
  [
    'consume',
    '{"amount":9007199254740993,"currency":"gems","sink":"sword"}',
    [warning('event.amount is 9007199254740993 and is kept as 9007199254740992')],
  ],
  ['profile', '{"params":{"price":1.99,"whole":9007199254740992,"id":"76561198122624102"}}', []],
])('numbers of %s that JavaScript rounds are warned of: %s', async (method, event, warnings) => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  const body = JSON.stringify(envelope({ marker: 0 })).replace('{"marker":0}', event)

  const { status } = await sandbox.ask(`/gameofwhales/${method}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })

  expect([status, told.at(-1)?.warnings]).toEqual([200, warnings])
})

test('a long name above many numbers is not copied for each of them', async () => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  const event = `{"params":{"${'n'.repeat(300_000)}":[${Array(20_000).fill('1e400').join()}]}}`
  const body = JSON.stringify(envelope({ marker: 0 })).replace('{"marker":0}', event)

  await sandbox.ask('/gameofwhales/profile', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })

  expect(told.at(-1)?.warnings?.[0]).toMatch(/^event\.params\.n{67}… is 1e400 .* and 19995 more: /)
})
