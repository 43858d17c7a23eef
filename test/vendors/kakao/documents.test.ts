import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { aSandbox } from '../../support/sandbox.js'
import { ask, call, purchase, purchasePath, told } from './requests.js'

interface Documented {
  properties: Record<string, Parameters<typeof z.fromJSONSchema>[0]>
  required?: string[]
}

interface Documents {
  paths: Record<string, { post: { requestBody: { content: Record<string, { schema: Documented }> } } }>
}

const values: readonly unknown[] = ['text', '12', 12, true, ['12'], [12], { a: 1 }]

/** Texts that a number type cannot be read from, which a JSON Schema of numbers and texts does not show. */
const isNoNumber = (type: string, value: unknown) => value === 'text' && (type === 'Long' || type === 'BigDecimal')

/** The parameter tables of the vendor's pages. */
const tables: Record<string, { body: Record<string, unknown>; types: Record<string, string>; mandatory: string[] }> = {
  'log/writePurchaseLog': {
    body: purchase,
    types: {
      currency: 'String',
      price: 'BigDecimal',
      os: 'String',
      country: 'String',
      market: 'String',
      marketProductId: 'String',
      marketPurchaseTime: 'Long',
      marketOrderId: 'String',
      marketPurchaseData: 'Map',
      purchaseToken: 'String',
      grade: 'Long',
      playerLv: 'Long',
      purchasePt: 'Long',
      purchaseCount: 'Long',
    },
    mandatory: ['currency', 'price', 'os', 'country', 'market', 'marketProductId', 'marketPurchaseTime'],
  },
  'message/getList': {
    body: { messageBoxId: 'inbox', count: 20 },
    types: { messageBoxId: 'String', count: 'Long', nextPageKey: 'Long', states: 'List' },
    mandatory: ['messageBoxId', 'count'],
  },
  'player/remove': { body: {}, types: { idpUnlink: 'Boolean' }, mandatory: [] },
}

describe.each(Object.entries(tables))('the documents of %s', (api, { body, types, mandatory }) => {
  test('name the parameters of the vendor with their types, and exactly those values are taken', async () => {
    const sandbox = await aSandbox()
    const documents = (await sandbox.control('GET', 'openapi/kakao.json')) as Documents
    const { schema } = Object.values(documents.paths[`/service/v3/${api}`]!.post.requestBody.content)[0]!
    expect(Object.keys(schema.properties).toSorted()).toEqual(Object.keys(types).toSorted())
    expect(schema.required ?? []).toEqual(mandatory)
    for (const [name, type] of Object.entries(types)) {
      const documented = z.fromJSONSchema(schema.properties[name]!)
      for (const value of values) {
        const { body: reply } = await call(sandbox, api, { ...body, [name]: value })
        const isRefused = typeof reply['desc'] === 'string' && reply['desc'].startsWith(`Invalid request parameter : ${name}`)
        expect([name, value, !isRefused]).toEqual([name, value, documented.safeParse(value).success && !isNoNumber(type, value)])
      }
    }
  })
})

test('the documents of message/send go down to the members of message and items', async () => {
  const sandbox = await aSandbox()
  const documents = (await sandbox.control('GET', 'openapi/kakao.json')) as Documents
  const { schema } = Object.values(documents.paths['/service/v3/message/send']!.post.requestBody.content)[0]!
  const send = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
  const message = { messageBoxId: 'inbox' }
  expect(send.safeParse({ receiverId: '1', message, items: [{ itemCode: 'gem', quantity: 5 }] }).success).toBe(true)
  expect(send.safeParse({ receiverId: '1', message: { title: 'x' } }).success).toBe(false)
  expect(send.safeParse({ receiverId: '1', message: { ...message, messageId: 'x'.repeat(65) } }).success).toBe(false)
  expect(send.safeParse({ receiverId: '1', message, items: [{ itemCode: 'gem', quantity: true }] }).success).toBe(false)
})

describe('a byte order mark', () => {
  const text = JSON.stringify(purchase)

  test.each<[string, string | Uint8Array<ArrayBuffer>, number]>([
    ['once before the body is skipped', `\ufeff${text}`, 200],
    ['inside a string is kept', text.replace('test gem', 'test\ufeffgem'), 200],
    ['twice is refused', `\ufeff\ufeff${text}`, 400],
    ['behind the body is refused', `${text}\ufeff`, 400],
    ['of UTF-16 is refused', Buffer.from(`\ufeff${text}`, 'utf16le'), 400],
  ])('%s', async (_, body, status) => {
    const sandbox = await aSandbox()
    expect((await sandbox.ask(purchasePath, ask(body))).status).toBe(status)
    expect(await sandbox.rows('kakao', 'purchaseLogs')).toHaveLength(status === 200 ? 1 : 0)
  })
})

test('a form under application/json is refused, and the explanation says that it is one', async () => {
  const sandbox = await aSandbox()
  expect((await sandbox.ask(purchasePath, ask('currency=USD&price=1'))).status).toBe(400)
  expect((await told(sandbox)).explanation).toContain('It is a form; send a JSON object.')
})

test('a price beyond the range of a double is taken with its digits', async () => {
  const sandbox = await aSandbox()
  expect((await sandbox.ask(purchasePath, ask(JSON.stringify(purchase).replace('12.23', '1e400')))).status).toBe(200)
  expect(await sandbox.rows('kakao', 'purchaseLogs')).toMatchObject([{ price: '1e400' }])
})
