import { describe, expect, test } from 'vitest'
import { aSandbox, type TestSandbox } from '../../support/sandbox.js'
import { ask, call, credentials, seedWith, told } from './requests.js'

const player = credentials['playerId']!
const message = { messageBoxId: 'inbox', title: 'Reward', body: 'Thank you' }
const items = [{ itemCode: 'gem', quantity: 5, validityTime: 604_800_000 }]

type Packet = { message: Record<string, unknown>; items: Record<string, unknown>[]; existUnconfirmedItems: boolean }

async function list(sandbox: TestSandbox, request: Record<string, unknown> = {}) {
  const { status, body } = await call(sandbox, 'message/getList', { messageBoxId: 'inbox', count: 100, ...request })
  expect(status).toBe(200)
  return body as { nextPageKey: number; messages: Packet[]; totalCount: number; maxCount: number }
}

/** The text of a reply, in which numbers have all their digits. */
async function textOf(sandbox: TestSandbox, api: string, request: unknown): Promise<string> {
  return (await sandbox.ask(`/kakao/service/v3/${api}`, ask(request))).text()
}

async function send(sandbox: TestSandbox, changes: Record<string, unknown> = {}, content: Record<string, unknown> = {}) {
  return call(sandbox, 'message/send', { receiverId: player, message: { ...message, ...content }, items, ...changes })
}

describe('a message', () => {
  test('that is sent lies in the receiver’s box, unread, with its items', async () => {
    const sandbox = await aSandbox()
    const { status, body } = await send(sandbox)
    expect(status).toBe(200)
    expect(Object.keys(body)).toEqual(['messageId'])
    const { messages, ...page } = await list(sandbox)
    expect(page).toEqual({ nextPageKey: -1, totalCount: 1, maxCount: 1_000_000 })
    expect(messages).toMatchObject([
      {
        appId: '103815',
        senderId: player,
        receiverId: player,
        message: {
          messageId: body['messageId'],
          messageBoxId: 'inbox',
          title: 'Reward',
          body: 'Thank you',
          state: 'unread',
          readTime: null,
        },
        items: [{ itemCode: 'gem', quantity: 5, state: 'registered', sentCount: 0, sentTime: null, validityTime: 604_800_000 }],
        existUnconfirmedItems: true,
      },
    ])
  })

  test('under an id that was sent before is not sent twice', async () => {
    const sandbox = await aSandbox()
    const replies = await Promise.all(Array.from({ length: 8 }, () => send(sandbox, {}, { messageId: 'm-1' })))
    expect(replies.map(({ status, body }) => [status, body])).toEqual(replies.map(() => [200, { messageId: 'm-1' }]))
    expect(await sandbox.rows('kakao', 'messages')).toHaveLength(1)
    expect((await told(sandbox)).explanation).toMatch(/request r-\d+/)
  })

  test('for a box that is not there is refused with 461', async () => {
    const sandbox = await aSandbox()
    const { status, body } = await send(sandbox, {}, { messageBoxId: 'attic' })
    expect(status).toBe(461)
    expect(Object.keys(body)).toEqual(['desc'])
    expect((await call(sandbox, 'message/getList', { messageBoxId: 'attic', count: 1 })).status).toBe(461)
    expect((await call(sandbox, 'message/claim', { messageIds: ['m'], messageBoxId: 'attic' })).status).toBe(461)
    expect(await sandbox.rows('kakao', 'messages')).toEqual([])
  })

  test.each<[string, Record<string, unknown>]>([
    ['receiverId is empty', { receiverId: undefined }],
    ['message is empty', { message: null }],
    ['message.messageBoxId is empty', { message: {} }],
    ['message is invalid', { message: 'hello' }],
    ['message.title is invalid', { message: { ...message, title: 1 } }],
    ['message.resourceMap is invalid', { message: { ...message, resourceMap: [] } }],
    ['message.expiryTime is invalid', { message: { ...message, expiryTime: 'soon' } }],
    ['message.messageId is invalid', { message: { ...message, messageId: 'x'.repeat(65) } }],
    ['items is invalid', { items: {} }],
    ['items[0] is invalid', { items: [1] }],
    ['items[0].itemCode is empty', { items: [{ quantity: 1 }] }],
    [
      'items[1].quantity is invalid',
      {
        items: [
          { itemCode: 'a', quantity: 1 },
          { itemCode: 'a', quantity: 'many' },
        ],
      },
    ],
  ])('is refused when %s', async (fault, changes) => {
    const sandbox = await aSandbox()
    const { status, body } = await send(sandbox, changes)
    expect([status, body]).toEqual([400, { desc: `Invalid request parameter : ${fault}` }])
    expect(await sandbox.rows('kakao', 'messages')).toEqual([])
  })

  test.each([
    '9223372036854775807',
    '-9223372036854775808',
    '9007199254740993',
    '76561198122624102',
    '"9223372036854775807"',
    '"+9007199254740993"',
    '123456789012345678.9',
  ])('keeps every digit of %s as quantity and time, in rows, lists and claims', async (sent) => {
    const sandbox = await aSandbox()
    const text = JSON.stringify({
      receiverId: player,
      message: { ...message, messageId: 'm', expiryTime: '#' },
      items: [{ itemCode: 'a', quantity: '#', validityTime: '#' }],
    }).replaceAll('"#"', sent)
    expect((await call(sandbox, 'message/send', text)).status).toBe(200)

    const digits = sent.replaceAll(/["+]|\.9/g, '')
    expect(await sandbox.rows('kakao', 'messages')).toMatchObject([
      { expiryTime: digits, items: [{ quantity: digits, validityTime: digits }] },
    ])
    const isOver = digits.startsWith('-')
    const state = isOver ? 'expired' : 'unread'
    const page = await textOf(sandbox, 'message/getList', { messageBoxId: 'inbox', count: 1, states: [state] })
    expect(page).toContain(`"quantity":${digits},`)
    expect(page).toContain(`"validityTime":${digits}}`)
    expect(page).toContain(`"expiredTime":${digits},"expiryTime":${digits}},"items"`)
    if (!isOver) expect(await textOf(sandbox, 'message/claim', { messageId: 'm' })).toContain(`"quantity":${digits},`)
  })

  test('whose items expire beyond 64 bits shows the largest Long as their time', async () => {
    const sandbox = await aSandbox()
    await sandbox.control('PUT', 'clock', { now: '2026-01-01T00:00:00.000Z', frozen: true })
    const times = ['9223372036854775807', '9007199254740993', '9007199254740991', '1000', '-9223372036854775808']
    const timed = times.map((time) => `{"itemCode":"a","quantity":1,"validityTime":${time}}`).join(',')
    await call(sandbox, 'message/send', `{"receiverId":"${player}","message":{"messageBoxId":"inbox"},"items":[${timed}]}`)

    const page = await textOf(sandbox, 'message/getList', { messageBoxId: 'inbox', count: 1 })
    const found = Array.from(page.matchAll(/"expiryTime":([^,]+),"validityTime"/g), ([, digits]) => digits)
    expect(found).toEqual(['9223372036854775807', '9008966480340993', '9008966480340991', '1767225601000', 'null'])
  })

  test('keeps every digit in its maps', async () => {
    const sandbox = await aSandbox()
    const map = '{"ids":[76561198122624102,1e400,12.10],"$number":"1","deep":{"$$number":-1.0}}'
    const content = `{"messageBoxId":"inbox","titleMap":${map},"bodyMap":${map},"resourceMap":${map}}`
    expect((await call(sandbox, 'message/send', `{"receiverId":"${player}","message":${content}}`)).status).toBe(200)

    const page = await textOf(sandbox, 'message/getList', { messageBoxId: 'inbox', count: 1 })
    for (const name of ['titleMap', 'bodyMap', 'resourceMap']) expect(page).toContain(`"${name}":${map},`)
  })

  test('from or to a stranger is refused by a strict app', async () => {
    const sandbox = await aSandbox({ seedDocument: seedWith({ strict: true }) })
    expect((await send(sandbox, { receiverId: 'stranger' })).status).toBe(406)
    expect((await call(sandbox, 'message/send', { receiverId: player, message }, { playerId: 'stranger' })).status).toBe(406)
    expect((await send(sandbox)).status).toBe(200)
  })

  test('that expired shows only where it is asked for', async () => {
    const sandbox = await aSandbox()
    await send(sandbox, {}, { expiryTime: 1 })
    expect((await list(sandbox)).messages).toEqual([])
    expect((await list(sandbox, { states: ['expired'] })).messages).toMatchObject([{ message: { state: 'expired' } }])
    const [row] = await sandbox.rows('kakao', 'messages')
    expect((await call(sandbox, 'message/claim', { messageIds: [row!['messageId']] })).status).toBe(406)
  })
})

describe('a list of messages', () => {
  test('comes newest first, in pages that neither repeat nor leave out', async () => {
    const sandbox = await aSandbox()
    for (let number = 1; number <= 7; number++) await send(sandbox, {}, { messageId: `m-${number}` })
    const seen: unknown[] = []
    let nextPageKey: unknown = '9223372036854775807'
    for (let page = 0; nextPageKey !== -1; page++) {
      const reply = await list(sandbox, { count: 3, nextPageKey })
      expect(reply.totalCount).toBe(7)
      expect(page).toBeLessThan(3)
      seen.push(...reply.messages.map((packet) => packet.message['messageId']))
      nextPageKey = reply.nextPageKey
      await send(sandbox, { receiverId: 'another player' })
    }
    expect(seen).toEqual(['m-7', 'm-6', 'm-5', 'm-4', 'm-3', 'm-2', 'm-1'])
  })

  test('that ends with its page says so', async () => {
    const sandbox = await aSandbox()
    for (let number = 1; number <= 4; number++) await send(sandbox)
    const first = await list(sandbox, { count: 2, nextPageKey: null })
    const second = await list(sandbox, { count: 2, nextPageKey: first.nextPageKey })
    expect([first.nextPageKey > 0, second.nextPageKey]).toEqual([true, -1])
  })

  test('holds a hundred at most', async () => {
    const sandbox = await aSandbox()
    await Promise.all(Array.from({ length: 101 }, () => send(sandbox)))
    const reply = await list(sandbox, { count: 500 })
    expect(reply.messages).toHaveLength(100)
    expect((await told(sandbox)).warnings).toHaveLength(1)
    expect((await list(sandbox, { nextPageKey: reply.nextPageKey })).messages).toHaveLength(1)
  })

  test('is explained with the states that were asked for', async () => {
    const sandbox = await aSandbox()
    await list(sandbox, { states: ['unread', 'read', 'claimed'] })
    expect((await told(sandbox)).explanation).toBe(
      `0 of 0 messages of player ${player} in box inbox that are "unread" or "read" or "claimed".`,
    )
  })

  test.each<[string, Record<string, unknown>]>([
    ['messageBoxId is empty', { messageBoxId: '' }],
    ['count is empty', { count: null }],
    ['count is invalid', { count: 0 }],
    ['count is invalid', { count: [] }],
    ['nextPageKey is invalid', { nextPageKey: 'next' }],
    ['states is invalid', { states: 'read' }],
    ['states[0] is invalid', { states: [1] }],
  ])('is refused when %s (%j)', async (fault, changes) => {
    const sandbox = await aSandbox()
    const { status, body } = await call(sandbox, 'message/getList', { messageBoxId: 'inbox', count: 1, ...changes })
    expect([status, body]).toEqual([400, { desc: `Invalid request parameter : ${fault}` }])
  })
})

describe('the items of a message', () => {
  test('are claimed, then finished, and then the message is read', async () => {
    const sandbox = await aSandbox()
    const { messageId } = (await send(sandbox)).body
    const claimed = await call(sandbox, 'message/claim', { messageIds: [messageId] })
    expect(claimed).toMatchObject({
      status: 200,
      body: { messages: [{ items: [{ state: 'sent', sentCount: 1 }], existUnconfirmedItems: true }] },
    })
    expect(await call(sandbox, 'message/finish', { messageIds: [messageId] })).toMatchObject({ status: 200, body: {} })
    expect((await told(sandbox)).outcome).toBe('finished')
    expect((await list(sandbox)).messages).toMatchObject([
      { message: { state: 'read' }, items: [{ state: 'confirmed' }], existUnconfirmedItems: false },
    ])
    expect(await call(sandbox, 'message/finish', { messageId })).toMatchObject({ status: 200, body: {} })
    expect((await told(sandbox)).outcome).toBe('repeated')
    await call(sandbox, 'message/claim', { messageId })
    expect((await told(sandbox)).explanation).toBe(`Every item of 1 message is confirmed, so none is sent to player ${player} again.`)
  })

  test('may be claimed again until they are finished', async () => {
    const sandbox = await aSandbox()
    const { messageId } = (await send(sandbox)).body
    for (const sentCount of [1, 2]) {
      expect(await call(sandbox, 'message/claim', { messageIds: [messageId] })).toMatchObject({
        body: { messages: [{ items: [{ sentCount }] }] },
      })
    }
  })

  test.each(['', null])('are claimed and finished by messageId beside messageIds %j, which is absent', async (messageIds) => {
    const sandbox = await aSandbox()
    const { messageId } = (await send(sandbox)).body
    expect((await call(sandbox, 'message/claim', { messageIds, messageId })).status).toBe(200)
    expect((await call(sandbox, 'message/finish', { messageIds, messageId })).status).toBe(200)
  })

  test('are not finished before they are claimed', async () => {
    const sandbox = await aSandbox()
    const { messageId } = (await send(sandbox)).body
    expect((await call(sandbox, 'message/finish', { messageIds: [messageId] })).status).toBe(406)
    expect((await told(sandbox)).outcome).toBe('not-claimed')
    expect((await list(sandbox)).messages).toMatchObject([{ message: { state: 'unread' } }])
  })

  test('are claimed all or none, and by their receiver alone', async () => {
    const sandbox = await aSandbox()
    const { messageId } = (await send(sandbox)).body
    expect((await call(sandbox, 'message/claim', { messageIds: [messageId, 'unknown'] })).status).toBe(406)
    expect((await call(sandbox, 'message/claim', { messageIds: [messageId] }, { playerId: 'thief' })).status).toBe(406)
    expect((await list(sandbox)).messages).toMatchObject([{ items: [{ sentCount: 0 }] }])
  })

  test.each([{}, { messageIds: [] }, { messageIds: 'm' }, { messageIds: [1] }, { messageIds: [''] }, { messageId: 1 }])(
    'are not claimed by %j',
    async (request) => {
      const sandbox = await aSandbox()
      expect((await call(sandbox, 'message/claim', request)).status).toBe(400)
      expect((await call(sandbox, 'message/finish', request)).status).toBe(400)
    },
  )
})
