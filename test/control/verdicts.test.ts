import { expect, test } from 'vitest'
import { aSandbox, type TestSandbox } from '../support/sandbox.js'

const purchase = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'order-1' }

async function report(sandbox: TestSandbox, changes: object = {}): Promise<void> {
  await sandbox
    .ask('/teak/v2/purchase', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...purchase, ...changes }),
    })
    .catch(() => undefined)
}

async function latest(sandbox: TestSandbox): Promise<Record<string, unknown>> {
  const { entries } = (await sandbox.control('GET', 'traffic?limit=1')) as { entries: Record<string, unknown>[] }
  return entries[0]!
}

test('an entry says what its outcome means for the purchase', async () => {
  const sandbox = await aSandbox()

  await report(sandbox)
  expect(await latest(sandbox)).toMatchObject({ outcome: 'recorded', verdict: 'accepted' })
  await report(sandbox)
  expect(await latest(sandbox)).toMatchObject({ outcome: 'repeated', verdict: 'repeated' })
  await report(sandbox, { secret_key: 'wrong' })
  expect(await latest(sandbox)).toMatchObject({ outcome: 'wrong-secret', verdict: 'refused' })
})

test('a forged receipt is refused although Game of Whales answers 200', async () => {
  const sandbox = await aSandbox()
  const common = { country: 'DE', locale: 'de_DE', platform: 'android', store: 'GooglePlay', version: '1' }
  const receipt = JSON.stringify({ Store: 'GooglePlay', TransactionID: 't-1', Payload: '{"json":"{}","signature":"AA=="}' })
  await sandbox.ask('/gameofwhales/receipt', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ game: 'sandbox-game', user: 'u', common, event: { currency: 'EUR', price: 99, transactionId: 't-1', receipt } }),
  })

  expect(await latest(sandbox)).toMatchObject({ status: 200, outcome: 'illegal', verdict: 'refused' })
})

test.each([
  ['a reply in place of the vendor', { kind: 'reply', name: 'server-error' }, 'before', 'failed'],
  ['a lost answer', { kind: 'drop' }, 'after', 'failed'],
  ['a damaged answer', { kind: 'garble' }, 'after', 'failed'],
  ['a late answer', { kind: 'delay', ms: 1 }, 'after', 'accepted'],
])('%s by a fault has the verdict that the client saw', async (_name, effect, position, verdict) => {
  const sandbox = await aSandbox()
  const { replies } = (await sandbox.control('GET', 'vendors/teak')) as { replies: { name: string; status: number }[] }
  const name = replies.find(({ status }) => status >= 500)?.name
  await sandbox.control('POST', 'faults', {
    match: { vendor: 'teak' },
    position,
    effect: 'name' in effect ? { ...effect, name } : effect,
  })

  await report(sandbox)

  expect(await latest(sandbox)).toMatchObject({ verdict })
})

test('requests are verified and filtered by verdict, and an unknown verdict is refused', async () => {
  const sandbox = await aSandbox()
  await report(sandbox)
  await report(sandbox)
  await report(sandbox, { amount: 'many' })

  expect(await sandbox.control('POST', 'verify', { vendor: 'teak', verdict: 'refused', times: 1 })).toMatchObject({ ok: true, count: 1 })
  expect(await sandbox.control('GET', 'traffic?verdict=repeated')).toMatchObject({ total: 1, entries: [{ outcome: 'repeated' }] })
  const refused = await sandbox.ask('/_sandbox/verify', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ verdict: 'refusd' }),
  })
  expect(refused.status).toBe(422)
})
