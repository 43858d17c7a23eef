import { androidpublisher, auth } from '@googleapis/androidpublisher'
import { androidpublisher as androidpublisher36 } from 'androidpublisher36'
import { Discovery, Gaxios } from 'googleapis-common'
import { expect, onTestFinished, test } from 'vitest'
import { createSandbox, type TestSandbox } from '../../../src/index.js'
import { aSandbox } from '../../support/sandbox.js'
import { answerOf, packageName, product, start, token } from './play.js'

type Method = (params: object, options?: object) => Promise<{ data: Record<string, unknown>; status: number }>
/** Resources and methods by name, as both clients have them. */
interface Resource {
  [name: string]: Resource & Method
}

interface Document {
  rootUrl: string
  schemas: Record<string, { id: string; type: string; properties?: Record<string, unknown> }>
  resources: Record<string, DocumentResource>
}
interface DocumentResource {
  methods?: Record<string, DocumentMethod>
  resources?: Record<string, DocumentResource>
}
interface DocumentMethod {
  id: string
  httpMethod: string
  path: string
  parameterOrder: string[]
  parameters: Record<string, { type: string; location: string; repeated?: boolean }>
  request?: { $ref: string }
  response?: { $ref: string }
  deprecated?: boolean
}

async function aServer(): Promise<TestSandbox> {
  const sandbox = await createSandbox({ memory: true, port: 0 })
  onTestFinished(() => sandbox.close())
  await sandbox.seed({
    clock: { now: start, frozen: true },
    marketplace: { purchases: [{ store: 'google_play', ...product, orderId: 'GPA.1' }] },
  })
  return sandbox
}

function bearer() {
  const client = new auth.OAuth2()
  client.setCredentials({ access_token: 'ya29.sandbox' })
  return client
}

async function built(url: string): Promise<Resource> {
  const make = await new Discovery({}).discoverAPI(url)
  return make({ auth: bearer() }, {}) as unknown as Resource
}

async function theDocument(): Promise<Document> {
  const sandbox = await aSandbox()
  return (await (await sandbox.ask('/google_play/$discovery/rest?version=v3')).json()) as Document
}

// client: googleapis-common | `new Discovery({}).discoverAPI('http://127.0.0.1:4010/google_play/$discovery/rest?version=v3')` builds the methods from the document; `google.discoverAPI` is the same | the bearer token `ya29.sandbox` of the default seed
test.each(['$discovery/rest?version=v3', 'discovery/v1/apis/androidpublisher/v3/rest'])(
  'a client that Google’s library builds from %s calls the sandbox',
  async (path) => {
    const sandbox = await aServer()
    const { purchases, orders } = await built(`${sandbox.urlFor('google_play')}/${path}`)

    const one = { packageName, productId: 'gems.10', token }
    expect((await purchases!['products']!['get']!(one)).data).toMatchObject({ orderId: 'GPA.1', acknowledgementState: 0 })
    expect((await purchases!['products']!['acknowledge']!({ ...one, requestBody: { developerPayload: 'p' } })).status).toBe(204)
    expect((await purchases!['products']!['get']!(one)).data).toMatchObject({ acknowledgementState: 1, developerPayload: 'p' })
    expect((await orders!['batchget']!({ packageName, orderIds: ['GPA.1', 'GPA.2'] })).data['orders']).toHaveLength(1)
    await expect(async () => purchases!['products']!['get']!({ packageName })).rejects.toThrow(
      'Missing required parameters: productId, token',
    )
  },
)

test('each method of the document sends what Google’s own client sends', async () => {
  const { resources } = await theDocument()
  const sandbox = await aServer()
  const fromDocument = await built(`${sandbox.urlFor('google_play')}/$discovery/rest?version=v3`)
  const own = androidpublisher({ version: 'v3', auth: bearer() }) as unknown as Resource
  const own36 = androidpublisher36({ version: 'v3', auth: bearer() }) as unknown as Resource
  const removed = ['get', 'refund', 'revoke'].map((name) => `androidpublisher.purchases.subscriptions.${name}`)

  const compared: string[] = []
  for (const { id, parameters, request } of methodsOf(resources)) {
    const params = Object.fromEntries(
      Object.entries(parameters).map(([name, { type, repeated }]) => [
        name,
        repeated ? ['a b', 'c'] : type === 'string' ? `a ${name}` : type === 'boolean' ? true : 5,
      ]),
    )
    const all = { ...params, ...(request && { requestBody: { some: 'body' } }) }
    const ours = await sentBy(fromDocument, id, all)
    const theirs = await sentBy(removed.includes(id) ? own36 : own, id, all)
    expect({ id, ...ours }).toEqual({
      id,
      ...theirs,
      url: theirs.url.replace('https://androidpublisher.googleapis.com/', `${sandbox.urlFor('google_play')}/`),
    })
    compared.push(id)
  }
  expect(compared).toHaveLength(19)
})

test('the document has each schema that it refers to, and marks what Google gave up', async () => {
  const { resources, schemas } = await theDocument()
  const methods = methodsOf(resources)

  const referred = methods.flatMap(({ request, response }) => [request?.$ref, response?.$ref]).filter((name) => name !== undefined)
  expect([...new Set(referred)].sort()).toEqual(Object.keys(schemas).sort())
  for (const [name, { id, type, properties }] of Object.entries(schemas)) {
    expect([id, type]).toEqual([name, 'object'])
    expect(properties).toBeDefined()
  }
  expect(schemas['OrdersReviewRefundRequest']?.properties?.['refundPreference']).toEqual({
    type: 'string',
    enum: ['DECLINE', 'APPROVE', 'NEUTRAL'],
  })
  const deprecated = methods.filter((one) => one.deprecated).map(({ id }) => id.replace('androidpublisher.purchases.', ''))
  expect(deprecated).toEqual(['get', 'cancel', 'defer', 'refund', 'revoke'].map((name) => `subscriptions.${name}`))
  const { parameters, parameterOrder } = methods.find(({ id }) => id.endsWith('voidedpurchases.list'))!
  expect(parameterOrder).toEqual(['packageName'])
  expect(parameters).toMatchObject({
    maxResults: { type: 'integer', location: 'query' },
    packageName: { location: 'path', required: true },
  })
})

test.each([
  ['https://androidpublisher.googleapis.com/$discovery/rest?version=v3', 'https://androidpublisher.googleapis.com/'],
  ['https://www.googleapis.com/discovery/v1/apis/androidpublisher/v3/rest', 'https://androidpublisher.googleapis.com/'],
  ['http://127.0.0.1:4010/google_play/$discovery/rest', 'http://127.0.0.1:4010/google_play/'],
  ['http://127.0.0.1:4010/@ci-7/google_play/$discovery/rest', 'http://127.0.0.1:4010/@ci-7/google_play/'],
  ['http://google_play.localhost:4010/$discovery/rest', 'http://google_play.localhost:4010/'],
  ['http://ci-7.google_play.localhost:4010/$discovery/rest', 'http://ci-7.google_play.localhost:4010/@ci-7/'],
  ['https://localhost:4011/google_play/$discovery/rest', 'https://localhost:4011/google_play/'],
])('the document of %s sends its clients to %s, where the API answers', async (url, rootUrl) => {
  const sandbox = await aSandbox()
  const { pathname } = new URL(url)
  const isReal = url.startsWith('https:')

  const reply = await sandbox.ask(isReal ? url : pathname, isReal ? {} : { headers: { Host: new URL(url).host } })

  expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'application/json; charset=UTF-8'])
  expect(((await reply.json()) as Document).rootUrl).toBe(rootUrl)
  const call = `androidpublisher/v3/applications/${packageName}/orders/GPA.1`
  const answer = await sandbox.ask(isReal ? `${rootUrl}${call}` : `${new URL(rootUrl).pathname}${call}`, {
    headers: { Authorization: 'Bearer ya29.sandbox', ...(!isReal && { Host: new URL(rootUrl).host }) },
  })
  expect(await answer.json()).toMatchObject({ error: { message: 'The order was not found.' } })
})

test('there is one version', async () => {
  const sandbox = await aSandbox()

  const unknown = await answerOf(sandbox, await sandbox.ask('/google_play/$discovery/rest?version=v2'))

  const message = 'Discovery document not found for API service: androidpublisher.googleapis.com format: rest version: v2'
  expect([unknown.status, unknown.body]).toMatchObject([404, { error: { code: 404, message, status: 'NOT_FOUND' } }])
  expect(unknown.expected).toMatchObject([{ pointer: '/query/version', expected: 'v3' }])
  expect((await sandbox.ask('/google_play/discovery/v1/apis/sheets/v4/rest')).status).toBe(404)
})

function methodsOf(resources: Record<string, DocumentResource>): DocumentMethod[] {
  return Object.values(resources).flatMap((one) => [...Object.values(one.methods ?? {}), ...methodsOf(one.resources ?? {})])
}

/** Verb, URL and body that a method of a client sends. */
async function sentBy(client: Resource, id: string, params: object): Promise<{ method: string; url: string; body: string }> {
  const sent: { method: string; url: string; body: string }[] = []
  const fetchImplementation = async (url: URL | string, init: { method?: string; body?: string }) => {
    sent.push({ method: init.method ?? '', url: String(url), body: init.body ?? '' })
    return new Response('{}', { headers: { 'Content-Type': 'application/json' } })
  }
  let resource = client
  const names = id.split('.').slice(1)
  for (const name of names.slice(0, -1)) resource = resource[name]!
  await resource[names.at(-1)!]!({ ...params, auth: fakeAuth(fetchImplementation) })
  return sent[0]!
}

/** Authorization that sends nothing: the client hands it the whole request. */
function fakeAuth(fetchImplementation: unknown) {
  return {
    async request(options: object) {
      return new Gaxios().request({ ...options, fetchImplementation } as never)
    },
  }
}
