import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { aReceiver, always, type Receiver } from '../../support/receiver.js'
import { aPlay, day, packageName, product, start, subscription, token, type Play, type PlayWishes } from './play.js'

const url = 'http://127.0.0.1:9/push'
const silent = (wishes: PlayWishes = {}) => aPlay({ ...wishes, app: { rtdn: { url }, acknowledgeWithin: false, ...wishes.app } })
const typesOf = async (play: Play) => (await play.notices()).map(({ event }) => event.replace('SUBSCRIPTION_', ''))

interface Push {
  message: { data: string; messageId: string; message_id: string; publishTime: string; publish_time: string; attributes: object }
  subscription: string
}

const pushOf = (receiver: Receiver, at = 0) => JSON.parse(receiver.calls[at]!.body.toString()) as Push
const settle = (play: Play) => play.advance(0)

test('a push has the documented form', async () => {
  const receiver = await aReceiver()
  const play = await aPlay({ app: { rtdn: { url: receiver.url } } })
  await play.act('purchase', { ...subscription, token: undefined })
  await settle(play)

  const push = pushOf(receiver)
  expect(receiver.calls[0]).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } })
  expect(receiver.calls[0]?.headers).not.toHaveProperty('authorization')
  expect(push).toEqual({
    message: {
      attributes: {},
      data: expect.any(String),
      messageId: expect.stringMatching(/^\d{17}$/),
      message_id: push.message.messageId,
      publishTime: start,
      publish_time: start,
    },
    subscription: 'projects/coinslot-sandbox/subscriptions/play-rtdn',
  })
  expect(JSON.parse(Buffer.from(push.message.data, 'base64').toString())).toEqual({
    version: '1.0',
    packageName,
    eventTimeMillis: String(Date.parse(start)),
    subscriptionNotification: { version: '1.0', notificationType: 4, purchaseToken: token },
  })
})

test('a push of an app with an account carries a token that the served certificate verifies, new for each attempt', async () => {
  const receiver = await aReceiver(always(500))
  const play = await aPlay({ app: { rtdn: { url: receiver.url, email: 'push@example.iam.gserviceaccount.com' } } })
  await play.act('purchase', { ...product, token: undefined })
  await play.advance(10_000)

  const certificates = (await (await play.sandbox.ask('https://www.googleapis.com/oauth2/v1/certs')).json()) as Record<string, string>
  const now = Date.now() / 1000
  for (const { headers } of receiver.calls) {
    const [head, claims, signature] = String(headers.authorization).replace('Bearer ', '').split('.') as [string, string, string]
    const { kid, alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string; alg: string }
    const read = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
    const key = createPublicKey(new X509Certificate(certificates[kid]!).publicKey.export({ type: 'spki', format: 'pem' }))
    expect(alg).toBe('RS256')
    expect(verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(read).toMatchObject({
      iss: 'https://accounts.google.com',
      aud: receiver.url,
      email: 'push@example.iam.gserviceaccount.com',
      email_verified: true,
      sub: expect.stringMatching(/^\d{21}$/),
    })
    expect(Math.abs(Number(read['iat']) - now)).toBeLessThan(60)
    expect(Number(read['exp'])).toBe(Number(read['iat']) + 3600)
  }
  expect(receiver.calls).toHaveLength(2)
  expect(pushOf(receiver, 0)).toEqual(pushOf(receiver, 1))
})

test('a push is retried after 10 seconds, then twice as long up to 10 minutes, at most 100 times', async () => {
  const receiver = await aReceiver(always(503))
  const play = await aPlay({ app: { rtdn: { url: receiver.url }, acknowledgeWithin: false } })
  await play.act('purchase', { ...product, token: undefined })

  await play.advance('P2D')

  const { deliveries } = (await play.sandbox.control('GET', 'webhooks')) as { deliveries: { status: string; attempts: number }[] }
  expect(deliveries).toMatchObject([{ status: 'failed', attempts: 100 }])
})

test.each([200, 201, 202, 204])('a reply of %i acknowledges a push', async (status) => {
  const receiver = await aReceiver(always(status))
  const play = await aPlay({ app: { rtdn: { url: receiver.url } } })

  await play.act('purchase', { ...product, token: undefined })
  await settle(play)

  expect(await play.sandbox.control('GET', 'webhooks')).toMatchObject({ deliveries: [{ status: 'delivered' }] })
})

test('what stores do with a subscription is notified with its type', async () => {
  const play = await silent({ purchases: [subscription] })
  const steps: [string, unknown?][] = [
    ['renew'],
    ['cancel'],
    ['cancel'],
    ['restart'],
    ['restart'],
    ['grace'],
    ['recover'],
    ['hold'],
    ['renew'],
    ['pause', { until: '2026-09-01T00:00:00Z' }],
    ['resume'],
    ['expire'],
    ['purchase'],
    ['acknowledge'],
    ['revoke'],
    ['revoke'],
  ]
  for (const [action, body] of steps) await play.act(action, body)

  expect(await typesOf(play)).toEqual([
    'RENEWED',
    'CANCELED',
    'RESTARTED',
    'IN_GRACE_PERIOD',
    'RECOVERED',
    'ON_HOLD',
    'RECOVERED',
    'PAUSE_SCHEDULE_CHANGED',
    'PAUSE_SCHEDULE_CHANGED',
    'EXPIRED',
    'PURCHASED',
    'REVOKED',
    'VOIDED_PURCHASE',
  ])
})

test('what the clock does with a subscription is notified at its time', async () => {
  const play = await silent({ purchases: [subscription] })
  await play.act('cancel')
  await play.act('restart')
  await play.advance('P2M')
  await play.act('grace')
  await play.advance(3 * 31 * day)

  const times = (await play.notices()).map(({ event, content }) => [
    event.replace('SUBSCRIPTION_', ''),
    new Date(Number(content['eventTimeMillis'])).toISOString().slice(0, 10),
  ])
  expect(times).toEqual([
    ['CANCELED', '2026-01-01'],
    ['RESTARTED', '2026-01-01'],
    ['RENEWED', '2026-02-01'],
    ['RENEWED', '2026-03-01'],
    ['IN_GRACE_PERIOD', '2026-03-01'],
    ['ON_HOLD', '2026-04-04'],
    ['CANCELED', '2026-05-04'],
    ['EXPIRED', '2026-05-04'],
  ])
})

test('a subscription that is cancelled while its payment fails is told to expire', async () => {
  const held = await silent({ purchases: [subscription] })
  await held.act('hold')
  await held.advance(40 * day)
  await held.act('cancel')
  expect(await typesOf(held)).toEqual(['ON_HOLD', 'CANCELED', 'EXPIRED'])

  const inGrace = await silent({ purchases: [subscription] })
  await inGrace.act('grace')
  await inGrace.advance('P1M')
  await inGrace.act('cancel')
  await inGrace.advance('P2D')
  expect(await typesOf(inGrace)).toEqual(['IN_GRACE_PERIOD', 'CANCELED'])
  await inGrace.advance('P1D')
  expect(await typesOf(inGrace)).toEqual(['IN_GRACE_PERIOD', 'CANCELED', 'EXPIRED'])
})

test('a cancelled subscription expires at its end, a paused one pauses there and recovers', async () => {
  const canceled = await silent({ purchases: [subscription] })
  await canceled.act('cancel')
  await canceled.advance('P3M')
  expect(await typesOf(canceled)).toEqual(['CANCELED', 'EXPIRED'])

  const paused = await silent({ purchases: [subscription] })
  await paused.act('pause', { until: '2026-03-15T00:00:00Z' })
  await paused.advance('P3M')
  expect(await typesOf(paused)).toEqual(['PAUSE_SCHEDULE_CHANGED', 'PAUSED', 'RECOVERED'])
})

test('a pause that ends at once has not begun, so nothing recovers', async () => {
  const play = await silent()
  await play.act('purchase', { ...subscription, token: undefined })
  await play.act('pause', { until: '2026-03-15T00:00:00Z' })
  await play.act('resume')

  expect(await typesOf(play)).toEqual(['PURCHASED', 'PAUSE_SCHEDULE_CHANGED', 'PAUSE_SCHEDULE_CHANGED'])
})

test('a paused subscription that is cancelled expires at once, and one that will pause with its period', async () => {
  const paused = await silent({ purchases: [subscription] })
  await paused.act('pause', { until: '2026-03-15T00:00:00Z' })
  await paused.advance('P1M')
  await paused.act('cancel')
  await paused.advance('P2M')
  expect(await typesOf(paused)).toEqual(['PAUSE_SCHEDULE_CHANGED', 'PAUSED', 'CANCELED', 'EXPIRED'])

  const scheduled = await silent({ purchases: [subscription] })
  await scheduled.act('pause', { until: '2026-03-15T00:00:00Z' })
  await scheduled.act('cancel')
  expect(await typesOf(scheduled)).toEqual(['PAUSE_SCHEDULE_CHANGED', 'CANCELED'])
  await scheduled.advance('P2M')
  expect(await typesOf(scheduled)).toEqual(['PAUSE_SCHEDULE_CHANGED', 'CANCELED', 'EXPIRED'])
})

const until = { until: '2026-09-01T00:00:00Z' }
const onRenewal: [string, object?][] = [['cancel'], ['restart'], ['grace'], ['hold'], ['recover'], ['pause', until], ['resume']]

describe.each<[string, string[], RegExp]>([
  ['has expired', ['expire'], /is over, and/],
  ['ran out', ['cancel', 'P2M'], /is over, and/],
  ['was cancelled on hold', ['hold', 'P40D', 'cancel'], /is over, and/],
  ['was refunded', ['refund'], /refunded/],
])('a subscription that %s', (_name, steps, why) => {
  test.each(onRenewal)('has no %s', async (action, body) => {
    const play = await silent({ purchases: [subscription] })
    for (const step of steps) await (step.startsWith('P') ? play.advance(step) : play.act(step))
    const [row, types] = [await play.row(), await typesOf(play)]

    const path = `/_sandbox/upstreams/google_play/purchases/${token}/${action}`
    const reply = await play.sandbox.ask(path, { method: 'POST', ...(body && { body: JSON.stringify(body) }) })

    expect([reply.status, await reply.text()]).toEqual([422, expect.stringMatching(why)])
    expect(await play.row()).toEqual(row)
    expect(await typesOf(play)).toEqual(types)
  })
})

test('a subscription that is not paid yet has no renewal', async () => {
  const play = await silent()
  await play.act('purchase', { ...subscription, token: undefined, pending: true })
  for (const [action, body] of [['renew'], ...onRenewal]) {
    await expect(play.act(action, body)).rejects.toThrow(/422.*is not paid yet/)
  }
  expect(await typesOf(play)).toEqual([])
})

test('a subscription that is over expires once, and can be renewed or sold again', async () => {
  const play = await silent({ purchases: [subscription] })
  await play.act('expire')
  await play.act('expire')
  await play.act('renew')
  await play.act('expire')
  await play.act('purchase')
  expect(await typesOf(play)).toEqual(['EXPIRED', 'RENEWED', 'EXPIRED', 'PURCHASED'])
})

test('a subscription whose renewals are manual and whose period is over can still go on hold', async () => {
  const play = await silent({ purchases: [subscription], app: { rtdn: { url }, renewals: 'manual' } })
  await play.advance('P2M')
  await play.act('hold')
  await play.act('recover')
  expect(await typesOf(play)).toEqual(['ON_HOLD'])
})

test('calls of the API are notified as well; an order that is refunded and revoked is voided once', async () => {
  const play = await silent({ purchases: [subscription] })
  const v2 = `purchases/subscriptionsv2/tokens/${token}`
  const etag = String((await play.call(v2)).body['etag'])
  await play.call(`${v2}:defer`, { method: 'POST', body: { deferralContext: { deferDuration: '86400s', etag } } })
  await play.call(`purchases/subscriptions/club.monthly/tokens/${token}:refund`, { method: 'POST' })
  await play.call(`purchases/subscriptions/club.monthly/tokens/${token}:cancel`, { method: 'POST' })
  await play.call(`purchases/subscriptions/club.monthly/tokens/${token}:revoke`, { method: 'POST' })

  expect(await typesOf(play)).toEqual(['DEFERRED', 'VOIDED_PURCHASE', 'CANCELED', 'REVOKED'])
})

test('one-time products are notified when bought, given up and voided', async () => {
  const play = await silent()
  await play.act('purchase', { ...product, token: undefined, pending: true, quantity: 2 })
  await play.act('complete')
  await play.act('refund', { quantity: 1 })
  await play.act('refund')
  await play.act('purchase', { app: packageName, productId: 'gems.20', pending: true }, 'another')
  await play.act('abandon', {}, 'another')

  const notices = await play.notices()
  const orderId = (await play.sandbox.rows('google_play', 'orders'))[0]?.['orderId']
  expect(notices.map(({ content }) => content['oneTimeProductNotification'] ?? content['voidedPurchaseNotification'])).toEqual([
    { version: '1.0', notificationType: 1, purchaseToken: token, sku: 'gems.10' },
    { purchaseToken: token, orderId, productType: 2, refundType: 2 },
    { purchaseToken: token, orderId, productType: 2, refundType: 1 },
    { version: '1.0', notificationType: 2, purchaseToken: 'another', sku: 'gems.20' },
  ])
})

test('an app may leave one-time products out, and ask for the subscription id of before', async () => {
  const play = await silent({ app: { rtdn: { url, oneTime: false, legacy: true } } })
  await play.act('purchase', { ...product, token: undefined })
  await play.act('purchase', { ...subscription, token: undefined }, 'another')

  expect((await play.notices()).map(({ content }) => content['subscriptionNotification'])).toEqual([
    { version: '1.0', notificationType: 4, purchaseToken: 'another', subscriptionId: 'club.monthly' },
  ])
})

const expired = { ...subscription, autoRenewing: false, periodEndsAt: start }

test.each<[string, object, object, string[]]>([
  ['new', {}, subscription, []],
  ['paid', { ...subscription, pending: true }, subscription, ['PURCHASED']],
  ['renewed', subscription, { ...subscription, renewals: 1 }, ['RENEWED']],
  ['cancelled', subscription, { ...subscription, autoRenewing: false }, ['CANCELED']],
  ['restarted', { ...subscription, autoRenewing: false }, subscription, ['RESTARTED']],
  ['in grace', subscription, { ...subscription, gracePeriod: true }, ['IN_GRACE_PERIOD']],
  ['held', subscription, { ...subscription, heldSince: start }, ['ON_HOLD']],
  ['recovered', { ...subscription, heldSince: start }, subscription, ['RECOVERED']],
  ['paused', subscription, { ...subscription, pausedUntil: '2026-09-01T00:00:00Z' }, ['PAUSE_SCHEDULE_CHANGED']],
  ['ended', subscription, { ...subscription, autoRenewing: false, periodEndsAt: start }, ['EXPIRED']],
  ['restarted after its end', expired, { ...expired, autoRenewing: true }, []],
  ['held after its end', expired, { ...expired, heldSince: start }, []],
  ['refunded', subscription, { ...subscription, refundedAt: start }, ['REVOKED', 'VOIDED_PURCHASE']],
  ['the same', subscription, { ...subscription, countryCode: 'DE' }, []],
])('a row that is written as %s is the change that it is', async (_name, before, after, types) => {
  const play = await silent({ purchases: 'token' in before ? [before as typeof subscription] : [] })

  await play.sandbox.control('PUT', `tables/marketplace/purchases/google_play:${token}`, { store: 'google_play', ...after })

  expect(await typesOf(play)).toEqual(types)
})

test('any type is sent on demand, and the console has a test', async () => {
  const receiver = await aReceiver()
  const play = await aPlay({ purchases: [subscription], app: { rtdn: { url: receiver.url } } })

  await play.sandbox.control('POST', 'vendors/google_play/notifications', { purchaseToken: token, notificationType: 17 })
  await play.sandbox.control('POST', `vendors/google_play/apps/${packageName}/test-notification`)
  const shown = (await play.sandbox.control('POST', 'vendors/google_play/notifications', {
    purchaseToken: token,
    notificationType: 2,
    send: false,
  })) as { body: Push }
  await settle(play)

  expect(await typesOf(play)).toEqual(['ITEMS_CHANGED', 'TEST'])
  expect(receiver.calls).toHaveLength(2)
  expect(Buffer.from(shown.body.message.data, 'base64').toString()).toContain('"notificationType":2')
})

test.each([
  ['an unknown type', 'vendors/google_play/notifications', { purchaseToken: token, notificationType: 14 }, 422],
  ['an unknown app', 'vendors/google_play/notifications', { purchaseToken: token, notificationType: 2, packageName: 'x' }, 404],
  ['no address', `vendors/google_play/apps/${packageName}/test-notification`, undefined, 422],
])('a notification of %s is refused', async (_name, path, body, status) => {
  const play = await aPlay({ purchases: [subscription] })

  const reply = await play.sandbox.ask(`/_sandbox/${path}`, { method: 'POST', ...(body && { body: JSON.stringify(body) }) })

  expect(reply.status).toBe(status)
})
