import { expect, test } from 'vitest'
import { followExpected, type Sent } from '../../support/follow-expected.js'
import { aStore, headers, mint, mintSubscription, purchasePath, subscriptionPath } from './requests.js'

const outcomesOf = (entries: readonly { outcome: string }[]) => entries.map(({ outcome }) => outcome)

test('a call with wrong credentials and a wrong body is accepted after each expected member was set', async () => {
  const sandbox = await aStore()
  const { purchaseId } = await mintSubscription(sandbox)
  const sent: Sent = {
    method: 'PATCH',
    path: `/samsung${subscriptionPath(purchaseId)}`,
    headers: { authorization: 'Bearer wrong', 'service-account-id': 'wrong' },
    body: { action: 'stop', caller: 'me' },
  }

  const entries = await followExpected(sandbox, sent)

  expect(outcomesOf(entries)).toEqual(['auth-require', 'auth-require', 'missing-requirement', 'missing-requirement', 'canceled'])
})

test('a call with a token that lacks the scope, and orders of another seller, are accepted after the expected members were set', async () => {
  const sandbox = await aStore()
  const token = { token: 'gss-only', serviceAccountId: headers['service-account-id'], scopes: ['gss'] }
  await sandbox.control('PUT', 'tables/samsung/accessTokens/gss-only', token)

  const entries = await followExpected(sandbox, {
    path: '/samsung/iap/seller/orders',
    headers: { ...headers, authorization: 'Bearer gss-only' },
    body: { sellerSeq: '000000000009', packageName: 'com.exmple.game' },
  })

  expect(outcomesOf(entries)).toEqual(['no-permission', 'not-your-content', 'not-your-content', 'listed'])
})

test('a wrong package, purchase and receipt id are described, and accepted once they were replaced', async () => {
  const sandbox = await aStore()
  const { purchaseId } = await mint(sandbox)
  const accepted = `/samsung${purchasePath(purchaseId)}`
  const body = { action: 'consume' }

  for (const wrong of [purchasePath(purchaseId, 'com.unknown'), purchasePath('f'.repeat(64))]) {
    const [entry] = await followExpected(sandbox, { method: 'PATCH', path: `/samsung${wrong}`, headers, body }, { '/path': accepted })
    expect(entry?.expected).toMatchObject([{ pointer: '/path', expected: expect.stringContaining('in the path') }])
  }
  const receipts = await followExpected(
    sandbox,
    { method: 'GET', path: '/samsung/iap/v6/receipt', query: { purchaseID: '-' } },
    { '/query/purchaseID': purchaseId },
  )
  expect(outcomesOf(receipts)).toEqual(['invalid-purchase-id', 'confirmed'])
})
