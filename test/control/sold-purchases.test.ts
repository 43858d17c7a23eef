import { expect, test } from 'vitest'
import { aSandbox } from '../support/sandbox.js'

const stores = [
  {
    vendor: 'app_store',
    table: 'transactions',
    token: '1000000102184163',
    app: { notificationUrl: 'http://127.0.0.1:9/' },
    sent: ['SUBSCRIBED/INITIAL_BUY', 'DID_RENEW', 'REFUND'],
  },
  {
    vendor: 'google_play',
    table: 'orders',
    token: 'token-1',
    app: { rtdn: { url: 'http://127.0.0.1:9/' } },
    sent: ['SUBSCRIPTION_PURCHASED', 'SUBSCRIPTION_RENEWED', 'SUBSCRIPTION_REVOKED', 'VOIDED_PURCHASE'],
  },
  {
    vendor: 'samsung',
    table: 'payments',
    token: 'purchase-1',
    app: { isn: { url: 'http://127.0.0.1:9/' } },
    sent: ['ARS_SUBSCRIBED', 'ARS_RENEWED', 'ARS_REFUNDED', 'ARS_UNSUBSCRIBED'],
  },
]

test.each(stores)(
  'a subscription that $vendor sold itself has a story without any request',
  async ({ vendor, table, token, app, sent }) => {
    const sandbox = await aSandbox()
    const [configured] = await sandbox.rows(vendor, 'apps')
    await sandbox.control('POST', 'seed', { [vendor]: { apps: [{ ...configured, ...app }] } })
    await sandbox.control('PUT', 'clock', { now: '2026-01-31T00:00:00.000Z', frozen: true })
    const act = (action: string, body?: object) => sandbox.control('POST', `upstreams/${vendor}/purchases/${token}/${action}`, body)
    const sold = { app: 'com.example.game', productId: 'club.monthly', type: 'subscription', period: 'P1M' }
    await act('purchase', sold)
    if (vendor === 'google_play') await act('acknowledge')
    await sandbox.control('POST', 'clock/advance', { duration: 'P1M' })
    await act('refund')

    const { purchases } = (await sandbox.control('GET', `purchases?vendor=${vendor}`)) as { purchases: { key: string; webhooks: number }[] }
    const { events } = (await sandbox.control('GET', `purchases/${vendor}/${table}/${purchases[0]!.key}`)) as {
      events: { lane: string; title: string; delivery: string | null }[]
    }

    expect(purchases).toMatchObject([{ webhooks: sent.length }])
    const { deliveries } = (await sandbox.control('GET', 'webhooks')) as { deliveries: { id: string }[] }
    const about = (id: string) => sandbox.control('GET', `purchases?vendor=${vendor}&delivery=${id}`)
    expect(await about(deliveries[0]!.id)).toMatchObject({ total: 1, purchases: [{ key: purchases[0]!.key }] })
    expect(await about('d-none')).toMatchObject({ total: 0 })
    const delivered = events.filter(({ delivery }) => delivery !== null).map(({ title }) => title.replace(/: .*/, ''))
    expect(new Set(delivered)).toEqual(new Set(sent))
    const told = events.filter(({ delivery }) => delivery === null).map(({ lane, title }) => `${lane} ${title.replace(/^.*: /, '')}`)
    const acts = [
      'store purchase',
      ...(vendor === 'google_play' ? ['store acknowledge'] : []),
      'clock clock advanced by 1 month',
      'store refund',
    ]
    expect(told.slice(0, -1)).toEqual(acts)
  },
)
