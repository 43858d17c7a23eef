import { expect, test } from 'vitest'
import { connectToken } from '../../src/receipts/app-store/jws/connect-token.js'
import { aSandbox } from '../support/sandbox.js'

const play = '/google_play/androidpublisher/v3/applications/com.example.game/purchases'
const token = 'tok.abcdefghijklmnopqrstuvwx'
const galaxy = '/samsung/iap/seller/v6/applications/com.example.game/purchases'
const id = 'a'.repeat(64)
const inApps = '/app_store/inApps/v1'
const steam = '76561198122624102'

/** The default sandbox, and a request to it with the bearer of a store and the text of a body. */
async function aShop() {
  const sandbox = await aSandbox()
  const bearers = [
    ['/app_store', connectToken(new Date())],
    ['/google_play', 'ya29.sandbox'],
    ['/samsung', 'sandboxsandboxsandboxsan'],
  ] as const
  return {
    sandbox,
    async send(method: string, path: string, body: string) {
      const bearer = bearers.find(([prefix]) => path.startsWith(prefix))?.[1]
      const headers = {
        Authorization: `Bearer ${bearer}`,
        'service-account-id': 'c0145107-0000-4000-8000-00000000005a',
        'Content-Type': 'application/json',
      }
      const reply = await sandbox.ask(path, { method, headers, body })
      return (await sandbox.control('GET', `traffic/${reply.headers.get('x-sandbox-request')}`)) as {
        explanation: string
        expected: { pointer: string; got: unknown }[]
      }
    },
  }
}

test.each([
  ['PUT', `${inApps}/subscriptions/extend/1001`, '{"extendByDays":1,"extendReasonCode":#}', 'extendReasonCode', '1e400'],
  ['PUT', `${inApps}/subscriptions/extend/1001`, '{"extendByDays":#}', 'extendByDays', steam],
  ['POST', `${inApps}/notifications/history`, '{"startDate":1767225600000,"endDate":#}', 'endDate', '98765432109876543210'],
  [
    'POST',
    `${inApps}/subscriptions/extend/mass`,
    '{"extendByDays":1,"extendReasonCode":0,"requestIdentifier":#}',
    'requestIdentifier',
    steam,
  ],
  ['POST', '/app_store/verifyReceipt', '{"receipt-data":#}', 'receipt-data', steam],
  ['POST', `${play}/products/gems/tokens/${token}:acknowledge`, '{"developerPayload":#}', 'developerPayload', '98765432109876543210'],
  [
    'POST',
    `${play}/subscriptions/club/tokens/${token}:defer`,
    '{"deferralInfo":{"desiredExpiryTimeMillis":#}}',
    'deferralInfo/desiredExpiryTimeMillis',
    '12345678901234567890',
  ],
  [
    'POST',
    `${play}/subscriptionsv2/tokens/${token}:revoke`,
    '{"revocationContext":{"fullRefund":#}}',
    'revocationContext/fullRefund',
    '1e400',
  ],
  ['PATCH', `${galaxy}/${id}`, '{"action":#}', 'action', steam],
  ['PATCH', `${galaxy}/${id}`, '{"action":"consume","purchasedIdList":#}', 'purchasedIdList', '1e400'],
  ['POST', '/samsung/iap/seller/orders', '{"sellerSeq":#}', 'sellerSeq', '12345678901234567890'],
])('%s %s explains a refused %s with the digits that were sent', async (method, path, body, member, digits) => {
  const { send } = await aShop()

  const { explanation, expected } = await send(method, path, body.replace('#', digits))

  expect(explanation).toContain(`${member.replace('/', '.')} is ${digits}`)
  expect(expected).toMatchObject([{ pointer: `/body/${member}`, got: digits }])
})

test('a number in a list is shown with its digits', async () => {
  const { send } = await aShop()
  const body =
    '{"extendByDays":1,"extendReasonCode":0,"requestIdentifier":"r","productId":"c","storefrontCountryCodes":[76561198122624102]}'

  const { explanation, expected } = await send('POST', `${inApps}/subscriptions/extend/mass`, body)

  expect(explanation).toContain('storefrontCountryCodes is [76561198122624102];')
  expect(expected[0]?.got).toEqual([steam])
})

test('a consumption is kept with the digits that were sent', async () => {
  const { send, sandbox } = await aShop()
  await sandbox.control('POST', 'upstreams/app_store/purchases/1001/purchase', { app: 'com.example.game', productId: 'g' })

  const body = '{"customerConsented":true,"deliveryStatus":"DELIVERED","sampleContentProvided":false,"steam":76561198122624102}'
  await send('PUT', '/app_store/inApps/v2/transactions/consumption/1001', body)

  expect(await sandbox.rows('app_store', 'consumption')).toMatchObject([{ body: { steam: { $number: steam } } }])
})
