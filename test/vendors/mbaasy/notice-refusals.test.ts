import { expect, test } from 'vitest'
import { post } from '../../support/sandbox.js'
import { answerOf, aShop, receipts, setStore, signedOrder, signedReceipt, type Shop } from './uploads.js'

const apple = '/mbaasy/itunes_connect/status_updates/example-game'
const google = '/mbaasy/google_play/status_updates/example-game'
const topics = '/mbaasy/v1/projects/mbaasy-api/topics'
const topic = `${topics}/status-updates-example-game:publish`

interface Told {
  outcome: string
  explanation: string
  expected: { pointer: string; got: unknown; expected: string }[]
}

async function send(shop: Shop, path: string, body: object) {
  const { id, status } = await answerOf(await shop.ask(path, post(body)))
  const { outcome, explanation, expected } = (await shop.control('GET', `traffic/${id}`)) as Told
  return { status, outcome, explanation, expected }
}

const messageOf = (notice: object) => ({
  data: Buffer.from(JSON.stringify({ packageName: 'com.example.game', ...notice })).toString('base64'),
})
const canceled = (purchaseToken: string) => messageOf({ oneTimeProductNotification: { notificationType: 2, purchaseToken } })
const noticeOf = (notice: object) => ({ notification_type: 'REFUND', password: 'sandbox-shared-secret', ...notice })
const item = { productId: 'coins', transactionId: '5001' }

test.each<[string, object, 'pending' | 'queued' | 'denied']>([
  ['is pending', { purchaseState: 4 }, 'pending'],
  ['waits for the store', {}, 'queued'],
  ['was refused', {}, 'denied'],
])('a notification of Google about an order that %s expects nothing else', async (sentence, wish, state) => {
  const shop = await aShop()
  if (state === 'queued') await setStore(shop, 'google_play', false)
  if (state === 'denied') {
    await shop.control('PUT', 'tables/marketplace/purchases/google_play:t', { store: 'google_play', token: 't', known: false })
  }
  await shop.upload(signedOrder({ purchaseToken: 't', ...wish }))

  for (const [path, body] of [
    [google, { message: canceled('t') }],
    [topic, { messages: [canceled('t')] }],
  ] as const) {
    expect(await send(shop, path, body)).toMatchObject({
      outcome: 'unknown-purchase',
      explanation: expect.stringContaining(sentence),
      expected: [],
    })
  }
})

test.each([
  ['a byte that is not UTF-8', '"\xff"', 'The message has data that is not UTF-8.'],
  ['a byte order mark in front', null, 'a byte order mark (EF BB BF) before the JSON'],
])('a notification of Google with %s is refused', async (_, value, sentence) => {
  const shop = await aShop()
  const json = `{"packageName":"com.example.game","testNotification":{"v":${value}}}`
  const data = Buffer.from(value === null ? `\xef\xbb\xbf${json}` : json, 'latin1').toString('base64')

  expect(await send(shop, google, { message: { data } })).toMatchObject({
    status: 422,
    explanation: expect.stringContaining(sentence),
    expected: [{ pointer: '/body/message/data', got: data }],
  })
})

test('a test notification of Google expects nothing else, and one without a token expects one', async () => {
  const shop = await aShop()

  expect(await send(shop, google, { message: messageOf({ testNotification: {} }) })).toMatchObject({ expected: [] })
  expect(await send(shop, google, { message: messageOf({}) })).toMatchObject({ expected: [{ pointer: '/body/message/data' }] })
})

test('of several messages about purchases that were never uploaded each expects another token', async () => {
  const shop = await aShop()

  const { expected } = await send(shop, topic, { messages: [canceled('x'), messageOf({ testNotification: {} }), canceled('y')] })

  expect(expected).toMatchObject([
    { pointer: '/body/messages/0/data', got: canceled('x').data, expected: expect.stringContaining('the token of an uploaded purchase') },
    { pointer: '/body/messages/2/data', got: canceled('y').data },
  ])
})

test('a notification of Apple about a receipt that waits for the store expects nothing else', async () => {
  const shop = await aShop()
  await setStore(shop, 'app_store', false)
  expect((await shop.upload(signedReceipt({ items: [item] }).body, receipts)).status).toBe(206)

  const told = await send(shop, apple, noticeOf({ original_transaction_id: '5001' }))

  expect(told).toMatchObject({ outcome: 'unknown-purchase', explanation: expect.stringContaining('is queued'), expected: [] })
})

const seven = { original_transaction_id: '7' }
const list = (member: string, got: unknown) => ({
  pointer: `/body/${member}`,
  got,
  expected: 'transactions with the one that the notification is about, of an uploaded receipt of com.example.game',
})
const id = (got: unknown) => ({
  pointer: '/body/original_transaction_id',
  got,
  expected: 'a transaction id of an uploaded receipt of com.example.game',
})

test.each<[string, object, object[]]>([
  [
    'a transaction that is not in latest_receipt_info',
    { original_transaction_id: '5001', latest_receipt_info: [seven] },
    [list('latest_receipt_info', [seven])],
  ],
  [
    'a transaction that is not in latest_expired_receipt_info',
    { original_transaction_id: '5001', latest_expired_receipt_info: seven },
    [list('latest_expired_receipt_info', seven)],
  ],
  [
    'a transaction that is not in the list of unified_receipt',
    { original_transaction_id: '5001', unified_receipt: { latest_receipt_info: [seven] } },
    [list('unified_receipt/latest_receipt_info', [seven])],
  ],
  ['a list of an unknown transaction', { latest_receipt_info: [seven] }, [list('latest_receipt_info', [seven])]],
  ['an unknown transaction', { original_transaction_id: '7' }, [id('7')]],
  [
    'an unknown transaction in its list',
    { original_transaction_id: '7', latest_receipt_info: [seven] },
    [id('7'), list('latest_receipt_info', [seven])],
  ],
  [
    'a renewal of an unknown transaction in its list',
    { notification_type: 'DID_RENEW', original_transaction_id: '7', latest_receipt_info: [seven] },
    [id('7')],
  ],
  [
    'a web order line item of an unknown transaction',
    { original_transaction_id: '5001', web_order_line_item_id: '1', latest_receipt_info: [{ ...seven, web_order_line_item_id: '1' }] },
    [list('latest_receipt_info', [{ ...seven, web_order_line_item_id: '1' }])],
  ],
  ['several transactions of which none is cancelled', { latest_receipt_info: [seven, { transaction_id: '8' }] }, [id(null)]],
  ['nothing', {}, [id(null)]],
])('a notification of Apple about %s expects a transaction where it looked for one', async (_what, notice, expected) => {
  const shop = await aShop()
  await shop.upload(signedReceipt({ items: [item] }).body, receipts)

  expect(await send(shop, apple, noticeOf(notice))).toMatchObject({ outcome: 'unknown-purchase', expected })
})

test.each([
  ['status-updates-example-game', 'status-updates-example-game:publish', 'does not end with ":publish"'],
  ['status-updates-example-game:pull', 'status-updates-example-game:publish', 'does not end with ":publish"'],
  ['example-game:publish', 'status-updates-example-game:publish', 'does not start with "status-updates-"'],
  ['status-updates-example-gme:publish', 'status-updates-example-game:publish', 'has the statusSlug "example-gme" of this address'],
])('the address of topic %s expects %s', async (sent, expected, sentence) => {
  const shop = await aShop()

  const told = await send(shop, `${topics}/${sent}`, { messages: [canceled('t')] })

  expect(told).toMatchObject({ status: 404, outcome: 'unknown-slug', explanation: expect.stringContaining(sentence) })
  expect(told.expected).toMatchObject([{ pointer: '/path', expected: `/v1/projects/mbaasy-api/topics/${expected}` }])
  const { status } = await send(shop, `/mbaasy${told.expected[0]!.expected}`, { messages: [canceled('t')] })
  expect(status).toBe(200)
})

test.each<[string, object, string, unknown, string]>([
  ['an empty array', { messages: [] }, '/body/messages', [], 'messages is empty; it takes an array of messages.'],
  ['no array', { messages: 1 }, '/body/messages', 1, 'messages is a number; it takes an array of messages.'],
  ['no messages', {}, '/body/messages', null, 'messages is absent; it takes an array of messages.'],
  ['a message of wrong data', { messages: [canceled('t'), { data: '!!' }] }, '/body/messages/1/data', '!!', 'messages[1] has data that '],
  ['a message without data', { messages: [canceled('t'), {}] }, '/body/messages/1/data', null, 'messages[1] has no data.'],
  ['data that is a number', { messages: [{ data: 5 }] }, '/body/messages/0/data', 5, 'messages[0] has data that is a number.'],
  [
    'a message that is null',
    { messages: [canceled('t'), null] },
    '/body/messages/1',
    null,
    'messages[1] is null; it takes an object with data.',
  ],
])('%s at the topic is refused where it is', async (_what, body, pointer, got, sentence) => {
  const shop = await aShop()

  const told = await send(shop, topic, body)

  expect(told).toMatchObject({ status: 422, outcome: 'invalid', explanation: expect.stringContaining(sentence) })
  expect(told.expected).toMatchObject([{ pointer, got, expected: expect.stringContaining('a notification for com.example.game') }])
})

test('a message for another package is refused where it is', async () => {
  const shop = await aShop()
  const other = messageOf({ packageName: 'com.example.app' })

  expect(await send(shop, topic, { messages: [canceled('t'), other] })).toMatchObject({
    status: 422,
    explanation: 'messages[1] has a notification for "com.example.app"; this slug is of com.example.game.',
    expected: [{ pointer: '/body/messages/1/data', got: other.data }],
  })
})
