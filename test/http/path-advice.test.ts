import { expect, test } from 'vitest'
import { aSandbox, post } from '../support/sandbox.js'

test.each([
  ['//teak/v2/purchase', 'send /teak/v2/purchase, with a base URL that has no slash at its end'],
  ['/teak//v2/purchase', 'send /v2/purchase, with a base URL that has no slash at its end'],
  ['/teak//v2/purchase/', 'send /v2/purchase, with a base URL that has no slash at its end'],
  ['/teak/v2/purchase/', 'The path ends with a slash; try /v2/purchase.'],
  ['/%40ci-7/teak/v2/purchase', 'send as it is: /@ci-7/teak/v2/purchase'],
  ['/%40ci-7//teak/v2/purchase', 'send as it is: /@ci-7/teak/v2/purchase'],
  ['/@default//teak/v2/purchase', 'send /@default/teak/v2/purchase, with'],
  ['/@default//_sandbox/reset', 'send /@default/_sandbox/reset, with'],
])('the explanation of %s says what to send', async (path, advice) => {
  const sandbox = await aSandbox()
  const reply = await sandbox.ask(`http://localhost:4010${path}`, post({}))
  expect(reply.status).toBe(404)
  const { entries } = (await (await sandbox.ask('/_sandbox/traffic')).json()) as { entries: { explanation: string }[] }
  expect(entries[0]!.explanation).toContain(advice)
})

test('a path that ends in dots does not run into the full stop of its explanation', async () => {
  const sandbox = await aSandbox()
  await sandbox.ask('http://localhost:4010/teak/v2/purchase/...', post({}))
  const { entries } = (await (await sandbox.ask('/_sandbox/traffic')).json()) as { entries: { explanation: string }[] }
  expect(entries[0]!.explanation).toMatch(/^POST \/v2\/purchase\/\.\.\. is not a modelled call of Teak\. It has POST \/v2\/purchase/)
})

test.each([
  ['without a slash too many', '/teak/v2/purchases'],
  ['that no vendor serves without its last slash', '/ouya/api/v1/nope/'],
  ['that is a prefix of a vendor alone', '/kakao/service/v3/'],
  ['of another method that is not there without its last slash', '/gameofwhales/schema/'],
  ['of no vendor, with two slashes in a row', '//nope'],
])('a path %s gets no advice about slashes', async (_what, path) => {
  const sandbox = await aSandbox()
  await sandbox.ask(`http://localhost:4010${path}`, post({}))
  const { entries } = (await (await sandbox.ask('/_sandbox/traffic')).json()) as { entries: { explanation: string }[] }
  expect(entries[0]!.explanation).not.toContain('slash')
})

test('a vendor’s own host says that the @ of a workspace is encoded', async () => {
  const sandbox = await aSandbox()
  await sandbox.ask('http://api.gocarrot.com/%40ci-7/v2/purchase', post({}))
  const { entries } = (await (await sandbox.ask('/_sandbox/traffic')).json()) as { entries: { explanation: string }[] }
  expect(entries[0]!.explanation).toContain('send as it is: /@ci-7/v2/purchase')
})

test.each([
  ['/_sandbox/tables/', 'The path ends with a slash; try /tables.'],
  ['/_sandbox//tables/teak/games', 'send /tables/teak/games, with'],
])('a control path with a slash too many, %s, is told so', async (path, advice) => {
  const sandbox = await aSandbox()
  const reply = await sandbox.ask(`http://localhost:4010${path}`)
  expect([reply.status, await reply.json()]).toMatchObject([404, { detail: expect.stringContaining(advice) }])
})
