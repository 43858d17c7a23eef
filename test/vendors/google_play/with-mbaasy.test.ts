import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { createSandbox } from '../../../src/index.js'
import { developmentKeys } from '../../../src/pki/keys.js'
import { mint } from '../../../src/receipts/google-play.js'
import { aSandbox, post, type TestSandbox } from '../../support/sandbox.js'
import { packageName, start, subscription, token } from './play.js'

const keys = developmentKeys()

/** The upload of a subscription that was bought at the start, signed with the licence key of the default seed. */
function upload(): RequestInit {
  const input = { packageName, productId: 'club.monthly', purchaseToken: token, subscription: true, orderId: 'GPA.1' }
  const signed = mint(input, { key: keys.googlePlay, foreignKey: keys.foreign, now: new Date(start), random: (size) => randomBytes(size) })
  return post({ purchase_data: signed.purchaseData, purchase_signature: signed.signature }, { Authorization: 'Bearer test-token' })
}

const uploads = '/mbaasy/client/google_play/purchase_orders'
const bearer = { headers: { Authorization: 'Bearer ya29.sandbox' } }
const v2 = `/google_play/androidpublisher/v3/applications/${packageName}/purchases/subscriptionsv2/tokens/${token}`

/** A sandbox in which both vendors know the same subscription from its beginning. */
async function aFollowed(period: string): Promise<TestSandbox> {
  const sandbox = await aSandbox()
  await sandbox.control('POST', 'seed', {
    clock: { now: start, frozen: true },
    marketplace: { purchases: [{ store: 'google_play', ...subscription, period }] },
  })
  expect((await sandbox.ask(uploads, upload())).status).toBeLessThan(300)
  expect((await sandbox.ask(v2, bearer)).status).toBe(200)
  return sandbox
}

async function periodsIn(sandbox: TestSandbox): Promise<{ mbaasy: unknown; google: unknown }> {
  const [purchase] = await sandbox.rows('mbaasy', 'inAppPurchases')
  const order = (await sandbox.rows('google_play', 'orders')).toSorted((a, b) => String(a['at']).localeCompare(String(b['at']))).at(-1)
  return {
    mbaasy: { from: purchase?.['currentPeriodStartAt'], until: purchase?.['currentPeriodEndAt'] },
    google: { from: order?.['at'], until: order?.['periodEndsAt'] },
  }
}

const step = fc.oneof(
  fc.record({ advance: fc.integer({ min: 1, max: 50 * 86_400_000 }) }),
  fc.record({
    act: fc.constantFrom(
      'renew',
      'cancel',
      'restart',
      'grace',
      'hold',
      'recover',
      'resume',
      'expire',
      'purchase',
      'refund',
      'revoke',
      'acknowledge',
    ),
  }),
  fc.record({ pause: fc.integer({ min: 1, max: 90 * 86_400_000 }) }),
)

/** Takes an action, which the store may refuse in the state that the walk has reached. */
async function actOn(sandbox: TestSandbox, action: string, body: object = {}): Promise<void> {
  const path = `/_sandbox/upstreams/google_play/purchases/${token}/${action}`
  const reply = await sandbox.ask(path, { method: 'POST', body: JSON.stringify(body) })
  expect([200, 422]).toContain(reply.status)
}

test('over random walks of the clock and of the store, Google Play and Mbaasy agree on every period', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('P1M', 'P1W', 'P3M', 'PT36H'),
      fc.array(step, { minLength: 1, maxLength: 10 }),
      async (period, steps) => {
        const sandbox = await aFollowed(period)
        for (const one of steps) {
          if ('advance' in one) await sandbox.control('POST', 'clock/advance', { ms: one.advance })
          else if ('act' in one) await actOn(sandbox, one.act)
          else {
            const { now } = (await sandbox.control('GET', 'clock')) as { now: string }
            const until = new Date(Date.parse(now) + one.pause).toISOString()
            await actOn(sandbox, 'pause', { until })
          }
          const { mbaasy, google } = await periodsIn(sandbox)
          expect(google, JSON.stringify(one)).toEqual(mbaasy)
        }
      },
    ),
    { numRuns: 25 },
  )
})

test('pushes to Mbaasy change nothing that Mbaasy has not seen in the store', async () => {
  const quiet = await walked(false)
  const pushed = await walked(true)

  expect(pushed.pushes).toBeGreaterThan(12)
  expect(pushed.versions).toEqual(quiet.versions)
  expect(pushed.purchase).toEqual(quiet.purchase)
})

/** Walks a subscription through its life; notifications may go to Mbaasy's own topic. Returns what Mbaasy knows then. */
async function walked(hasPush: boolean) {
  const sandbox = await createSandbox({ memory: true, port: 0 })
  onTestFinished(() => sandbox.close())
  await sandbox.clock.set(start, { frozen: true })
  const { apps } = { apps: await sandbox.rows('google_play', 'apps') }
  const url = `${sandbox.url}/mbaasy/google_play/status_updates/example-game`
  await sandbox.seed({
    google_play: { apps: [{ ...apps[0], acknowledgeWithin: false, ...(hasPush && { rtdn: { url } }) }] },
    marketplace: { purchases: [{ store: 'google_play', ...subscription }] },
  })
  await sandbox.fetch(uploads, upload())
  await sandbox.fetch(v2, bearer)
  const versions: unknown[] = []
  const pass = async (duration: string) => {
    await sandbox.clock.advance(duration)
    versions.push((await sandbox.rows('mbaasy', 'inAppPurchases'))[0]?.['version'])
  }
  const { marketplace } = sandbox
  const hour = 'PT1H'
  // Each notification arrives before the next change, as one that is late would speak of a state that is over.
  const steps: [() => Promise<unknown>, string][] = [
    [async () => undefined, 'P1M'],
    [() => marketplace.renew('google_play', token), hour],
    [() => marketplace.cancel('google_play', token, { reason: 'user' }), hour],
    [() => marketplace.restart('google_play', token), hour],
    [() => marketplace.grace('google_play', token), hour],
    [() => marketplace.recover('google_play', token), hour],
    [() => marketplace.hold('google_play', token), 'P2M'],
    [() => marketplace.recover('google_play', token), hour],
    [() => marketplace.hold('google_play', token), 'P3M'],
    [() => marketplace.purchase('google_play', token), 'P1M'],
    [() => marketplace.pause('google_play', token, { until: '2027-01-01T00:00:00Z' }), 'P3M'],
    [() => marketplace.resume('google_play', token), hour],
    [() => marketplace.revoke('google_play', token), hour],
  ]
  for (const [change, duration] of steps) {
    await change()
    await pass(duration)
  }
  const [purchase] = await sandbox.rows('mbaasy', 'inAppPurchases')
  const { id: _id, factId: _fact, lastSyncedAt: _synced, ...rest } = purchase ?? {}
  const pushes = (await sandbox.webhooks()).filter(({ vendor }) => vendor === 'google_play')
  expect(pushes.every(({ status }) => status === 'delivered')).toBe(true)
  return { purchase: rest, versions, pushes: pushes.length }
}
