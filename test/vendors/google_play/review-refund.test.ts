import { androidpublisher, auth } from '@googleapis/androidpublisher'
import { expect, onTestFinished, test } from 'vitest'
import { createSandbox } from '../../../src/index.js'
import { aReceiver } from '../../support/receiver.js'
import { aPlay, packageName, product, reasonOf, subscription, type Play, type PlayWishes } from './play.js'

const refundable = { ...product, orderId: 'GPA.1', accountId: 'account-1', profileId: 'profile-1' }
const opinion = { refundPreference: 'DECLINE', sampleContentProvided: false }

/** A shop whose customer asks for the money of GPA.1 back, and the token of the notification. */
async function aReview({ purchases = [refundable], ...wishes }: PlayWishes = {}, reason?: number) {
  const play = await aPlay({ purchases, ...wishes })
  await play.act('refund-request', reason === undefined ? undefined : { reason })
  const [row] = await play.sandbox.rows('google_play', 'refundReviews')
  return { play, pendingRefundToken: String(row?.['pendingRefundToken']) }
}

function review(play: Play, body: unknown, orderId = 'GPA.1') {
  return play.call(`orders/${orderId}:reviewrefund`, { method: 'POST', body })
}

test('a refund that is asked for is notified, and the developer answers it once', async () => {
  const { url } = await aReceiver()
  const { play, pendingRefundToken } = await aReview({ app: { rtdn: { url } } })

  expect(await play.notices()).toEqual([
    {
      event: 'PENDING_REFUND_REVIEW',
      content: {
        version: '1.0',
        packageName,
        eventTimeMillis: expect.any(String),
        pendingRefundReviewNotification: {
          version: '1.0',
          pendingRefundToken,
          orderId: 'GPA.1',
          refundReason: 7,
          obfuscatedAccountId: 'account-1',
          obfuscatedProfileId: 'profile-1',
        },
      },
    },
  ])
  const whole = {
    ...opinion,
    pendingRefundToken,
    consumptionPercentageMilliunits: 45_200,
    consumptionUsageEvents: [
      { consumptionTime: '2026-01-01T00:00:00Z', consumptionItemDescription: 'level 3', location: { regionCode: 'US' } },
    ],
  }
  const first = await review(play, whole)
  expect([first.status, first.text, first.outcome]).toEqual([204, '', 'reviewed'])
  const again = await review(play, whole)
  expect([again.status, again.outcome, again.verdict]).toEqual([204, 'already-reviewed', 'repeated'])
  const other = await review(play, { ...whole, refundPreference: 'APPROVE' })
  expect([other.status, reasonOf(other)]).toEqual([400, 'invalidPurchaseState'])
  const { pendingRefundToken: _token, ...kept } = whole
  expect(await play.sandbox.rows('google_play', 'refundReviews')).toMatchObject([{ reason: 7, answer: kept }])
})

test('the answer decides nothing; the store refunds, and says that it was a chargeback', async () => {
  const { play, pendingRefundToken } = await aReview({}, 5)
  const asked = { ...opinion, pendingRefundToken }
  expect((await review(play, asked)).status).toBe(204)
  expect((await play.call('orders/GPA.1')).body).toMatchObject({ state: 'PROCESSED' })
  expect(await play.sandbox.rows('google_play', 'refundReviews')).toMatchObject([{ reason: 5 }])

  await play.act('refund', { reason: 7 })

  expect((await play.call('orders/GPA.1')).body).toMatchObject({ orderHistory: { refundEvent: { refundReason: 'CHARGEBACK' } } })
  const late = await review(play, asked)
  expect([late.status, late.explanation]).toEqual([400, expect.stringContaining('was refunded at')])
  await expect(play.act('refund-request')).rejects.toThrow(/422.*was refunded already/)
  expect(await play.sandbox.rows('google_play', 'refundReviews')).toHaveLength(1)
})

test('an answer after 24 hours is refused', async () => {
  const { play, pendingRefundToken } = await aReview()

  await play.advance('PT24H')
  expect((await review(play, { ...opinion, pendingRefundToken })).status).toBe(204)
  const { play: second, pendingRefundToken: token } = await aReview()
  await second.advance(86_400_001)
  const late = await review(second, { ...opinion, pendingRefundToken: token })
  expect([late.status, late.explanation]).toEqual([400, expect.stringContaining('24 hours')])
})

test.each<[string, Record<string, unknown>, string]>([
  ['no token', { pendingRefundToken: undefined }, '/body/pendingRefundToken'],
  ['an unknown token', { pendingRefundToken: 'guess' }, '/body/pendingRefundToken'],
  ['no preference', { refundPreference: undefined }, '/body/refundPreference'],
  ['the preference that is not used', { refundPreference: 'REFUND_PREFERENCE_UNSPECIFIED' }, '/body/refundPreference'],
  ['nothing about samples', { sampleContentProvided: undefined }, '/body/sampleContentProvided'],
  ['a text about samples', { sampleContentProvided: 'false' }, '/body/sampleContentProvided'],
  ['more than all', { consumptionPercentageMilliunits: 100_001 }, '/body/consumptionPercentageMilliunits'],
  ['a share with decimals', { consumptionPercentageMilliunits: 1.5 }, '/body/consumptionPercentageMilliunits'],
  ['an event that is a string', { consumptionUsageEvents: ['played'] }, '/body/consumptionUsageEvents/0'],
  ['1001 events', { consumptionUsageEvents: Array.from({ length: 1001 }, () => ({})) }, '/body/consumptionUsageEvents'],
  [
    'a long description',
    { consumptionUsageEvents: [{ consumptionItemDescription: 'x'.repeat(5001) }] },
    '/body/consumptionUsageEvents/0/consumptionItemDescription',
  ],
  ['a time without a date', { consumptionUsageEvents: [{ consumptionTime: 'today' }] }, '/body/consumptionUsageEvents/0/consumptionTime'],
])('an answer with %s is refused', async (_name, change, pointer) => {
  const { play, pendingRefundToken } = await aReview()

  const refused = await review(play, { ...opinion, pendingRefundToken, ...change })

  expect([refused.status, reasonOf(refused)]).toEqual([400, 'invalidArgument'])
  expect(refused.expected.map((one) => one.pointer)).toEqual([pointer])
  expect((await review(play, { ...opinion, pendingRefundToken, consumptionPercentageMilliunits: null })).status).toBe(204)
})

test('the token of one order does not answer for another, and an unknown order is unknown', async () => {
  const other = { ...subscription, token: 'anothertokenofapurchase.AO-J1O', orderId: 'GPA.2' }
  const { play, pendingRefundToken } = await aReview({ purchases: [refundable, other] })
  await play.call(`purchases/subscriptionsv2/tokens/${other.token}`)
  const body = { ...opinion, pendingRefundToken }

  const crossed = await review(play, body, 'GPA.2')
  expect([crossed.status, crossed.explanation]).toEqual([400, expect.stringContaining('no refund of GPA.2 is pending')])
  expect(reasonOf(await review(play, body, 'GPA.3'))).toBe('orderNotFound')
})

test('version 37 of Google’s client answers a review', async () => {
  const sandbox = await createSandbox({ memory: true, port: 0 })
  onTestFinished(() => sandbox.close())
  await sandbox.seed({ marketplace: { purchases: [{ store: 'google_play', ...refundable }] } })
  await sandbox.marketplace.act('google_play', refundable.token, 'refund-request', { reason: 7 })
  const [row] = await sandbox.rows('google_play', 'refundReviews')
  const client = new auth.OAuth2()
  client.setCredentials({ access_token: 'ya29.sandbox' })
  const play = androidpublisher({ version: 'v3', auth: client, rootUrl: `${sandbox.url}/` })

  const requestBody = { ...opinion, pendingRefundToken: String(row?.['pendingRefundToken']) }
  const { status } = await play.orders.reviewrefund({ packageName, orderId: 'GPA.1', requestBody })

  expect(status).toBe(204)
})
