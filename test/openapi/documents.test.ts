import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import * as roster from '../../src/vendors/index.js'
import { aSandbox, type TestSandbox } from '../support/sandbox.js'

interface Document {
  openapi: string
  servers: { url: string }[]
  paths: Record<
    string,
    Record<string, { operationId: string; responses: Record<string, object>; 'x-evidence'?: object; parameters?: object[] }>
  >
  components: { schemas: Record<string, unknown> }
}

interface Answer {
  content: Record<string, { schema: { $ref?: string } }>
}

const read = (sandbox: TestSandbox, name: string) => sandbox.control('GET', name) as Promise<Document>
const operations = ({ paths }: Document) => Object.values(paths).flatMap((path) => Object.values(path))

async function faultsOf(document: Document): Promise<unknown> {
  const { valid, errors } = await new Validator().validate({ ...document })
  return valid ? [] : errors
}

test('the merged document is OpenAPI 3.1, and holds every vendor under its prefix and every control call', async () => {
  const sandbox = await aSandbox()

  const document = await read(sandbox, 'openapi.json')

  expect(document.openapi).toBe('3.1.0')
  expect(await faultsOf(document)).toEqual([])
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining(['/teak/v2/purchase', '/_sandbox/verify', '/_sandbox/tables/{vendor}/{table}/{key}']),
  )
  const ids = operations(document).map(({ operationId }) => operationId)
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
})

test.each(Object.keys(roster))('the document of %s stands alone, with its own paths, servers and evidence', async (id) => {
  const sandbox = await aSandbox()

  const document = await read(sandbox, `openapi/${id}.json`)

  expect(await faultsOf(document)).toEqual([])
  expect(document.servers[0]!.url).toBe(`/${id}`)
  const routes = Object.values(roster).find((vendor) => vendor.id === id)!.routes
  expect(operations(document)).toHaveLength(routes.length)
  for (const operation of operations(document))
    expect(operation['x-evidence']).toMatchObject({ level: expect.any(String), gaps: expect.any(Array) })
})

test('an operation names each status with the outcomes that give it', async () => {
  const sandbox = await aSandbox()

  const { paths } = await read(sandbox, 'openapi/teak.json')

  expect(paths['/v2/purchase']!['post']!.responses).toMatchObject({
    200: { 'x-outcomes': ['recorded', 'repeated'], content: { 'application/json': { example: { code: 200 } } } },
    404: { 'x-outcomes': ['unknown-game', 'unknown-player'] },
  })
})

test('every refusal has a body, except those of the real services that are empty', async () => {
  const sandbox = await aSandbox()
  const withoutBody: string[] = []
  for (const id of Object.keys(roster))
    for (const { operationId, responses } of operations(await read(sandbox, `openapi/${id}.json`)))
      for (const [status, answer] of Object.entries(responses))
        if (Number(status) >= 400 && !('content' in answer)) withoutBody.push(`${operationId} ${status}`)
  expect(withoutBody.toSorted()).toEqual([
    'app_store_get_inApps_v1_lookup_orderId 404',
    'app_store_get_ocsp_request 503',
    'app_store_post_ocsp 503',
    'samsung_get_iap_v6_receipt 503',
  ])
})

test('the media type and the body of a refusal by a store are those of its reply', async () => {
  const sandbox = await aSandbox()
  const error = { required: ['errorCode', 'errorMessage'] }
  const { paths, components } = await read(sandbox, 'openapi/app_store.json')
  const { 401: refused, 404: unknown } = paths['/inApps/v1/transactions/{transactionId}']!['get']!.responses as Record<string, Answer>
  expect(refused!.content).toEqual({ 'text/plain': { schema: { type: 'string' } } })
  const name = unknown!.content['application/json']!.schema.$ref?.split('/').at(-1)
  expect(name === undefined ? unknown!.content['application/json']!.schema : components.schemas[name]).toMatchObject(error)
  const reply = await sandbox.ask('/app_store/inApps/v1/transactions/1')
  expect([reply.status, reply.headers.get('content-type')]).toEqual([401, 'text/plain'])
})

test('every reference of every document leads somewhere', async () => {
  const sandbox = await aSandbox()
  for (const name of ['openapi.json', ...Object.keys(roster).map((id) => `openapi/${id}.json`)]) {
    const document = await read(sandbox, name)
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference!)
    const known = new Set(Object.keys(document.components.schemas).map((schema) => `#/components/schemas/${schema}`))
    expect(references.filter((reference) => !known.has(reference))).toEqual([])
  }
})

test('the documents come with the vendors that are on alone', async () => {
  const sandbox = await aSandbox({ roster: [roster.teak], seedDocument: {} })

  expect((await sandbox.ask('/_sandbox/openapi/ouya.json')).status).toBe(404)
  expect((await sandbox.ask('/_sandbox/openapi/teak')).status).toBe(404)
  expect(Object.keys((await read(sandbox, 'openapi.json')).paths).some((path) => path.startsWith('/ouya/'))).toBe(false)
})

test('every control call declares problems as its other answers, and a media type for each body', async () => {
  const { paths } = await read(await aSandbox(), 'openapi.json')

  const calls = Object.entries(paths).flatMap(([path, methods]) => (path.startsWith('/_sandbox') ? Object.values(methods) : []))
  expect(calls.length).toBeGreaterThan(60)
  for (const { responses } of calls) expect(responses['default']).toMatchObject({ content: { 'application/problem+json': {} } })
  const bare = ['snapshots/{name}', 'traffic.har', 'seed.schema.json', 'vendors/app_store/root.der', 'vendors/ouya/games/{package}/key.der']
  for (const path of bare) expect(paths[`/_sandbox/${path}`]!['get']!.responses['200']).toHaveProperty('content')
})
