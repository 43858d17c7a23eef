import type { Call } from './calls.js'

/** A mock server from npm and how it is brought to answer a Teak purchase. */
export interface Peer {
  name: string
  packages: readonly string[]
  /** Files it is started beside. */
  files: (port: number) => Record<string, string>
  /** The script, below `node_modules` or (with `./`) beside its files, then its arguments. */
  args: (port: number) => readonly string[]
  path: string
  /** Another call, where it cannot answer this one. */
  call?: Call
  /** Differences from coinslot. */
  note?: string
}

const path = '/v2/purchase'

/** Mock servers of several kinds, in the newest versions that run on every Node from 20 on. Later ones of emulate and of msw need Node 22. */
export const peerList: readonly Peer[] = [
  {
    name: 'Mockoon CLI',
    packages: ['@mockoon/cli@9'],
    files: (port) => ({ 'teak.json': JSON.stringify(mockoon(port)) }),
    args: () => ['@mockoon/cli/bin/run.js', 'start', '--data', 'teak.json', '--disable-log-to-file'],
    path,
  },
  {
    name: 'json-server',
    packages: ['json-server@0.17'],
    files: () => ({ 'db.json': '{"purchases":[]}', 'routes.json': `{"${path}":"/purchases"}` }),
    args: (port) => [
      'json-server/lib/cli/bin.js',
      '--port',
      String(port),
      '--host',
      '127.0.0.1',
      '--routes',
      'routes.json',
      '--quiet',
      'db.json',
    ],
    path,
    note: 'keeps every purchase and writes its whole file each time',
  },
  {
    name: 'mountebank',
    packages: ['mountebank@2'],
    files: (port) => ({ 'imposters.json': JSON.stringify(mountebank(port)) }),
    args: (port) => [
      'mountebank/bin/mb',
      'start',
      '--configfile',
      'imposters.json',
      '--port',
      String(port === 65_535 ? port - 1 : port + 1),
      '--localOnly',
      '--nologfile',
      '--loglevel',
      'error',
      '--pidfile',
      'mb.pid',
    ],
    path,
  },
  {
    name: 'emulate',
    packages: ['emulate@0.11'],
    files: () => ({}),
    args: (port) => ['emulate/dist/index.js', 'start', '--service', 'stripe', '--port', String(port)],
    path: '/v1/payment_intents',
    call: {
      vendor: 'stripe',
      path: '/v1/payment_intents',
      type: 'application/x-www-form-urlencoded',
      headers: {},
      bodies: ['amount=499&currency=usd'],
      // It lets each token ask 5,000 times an hour.
      varying: (number) => ({ authorization: `Bearer caller-${number % 500}` }),
    },
    note: 'has no such vendor: a Stripe payment intent instead',
  },
  {
    name: '@mswjs/http-middleware',
    packages: ['@mswjs/http-middleware@0.10', 'msw@2'],
    files: (port) => ({ 'server.js': msw(port) }),
    args: () => ['./server.js'],
    path,
  },
]

function mockoon(port: number) {
  const response = (statusCode: number, body: string, rules: unknown[] = []) => ({
    uuid: `0000000${statusCode}-0000-4000-8000-000000000000`,
    statusCode,
    body,
    bodyType: 'INLINE',
    headers: [{ key: 'Content-Type', value: 'application/json; charset=utf-8' }],
    rules,
    rulesOperator: 'AND',
    latency: 0,
    default: statusCode === 422,
  })
  const hasAmount = { target: 'body', modifier: 'amount', value: '', invert: true, operator: 'null' }
  return {
    uuid: '00000000-0000-4000-8000-000000000001',
    lastMigration: 33,
    name: 'teak',
    port,
    hostname: '127.0.0.1',
    endpointPrefix: '',
    routes: [
      {
        uuid: '00000000-0000-4000-8000-000000000002',
        type: 'http',
        method: 'post',
        endpoint: path.slice(1),
        responses: [response(200, '{"code":200}', [hasAmount]), response(422, '{"code":422}')],
        responseMode: null,
      },
    ],
    rootChildren: [{ type: 'route', uuid: '00000000-0000-4000-8000-000000000002' }],
    folders: [],
    headers: [],
    data: [],
    callbacks: [],
  }
}

function mountebank(port: number) {
  const headers = { 'Content-Type': 'application/json; charset=utf-8' }
  const asks = [{ equals: { method: 'POST', path } }, { exists: { body: { amount: true } } }]
  return {
    imposters: [
      {
        port,
        host: '127.0.0.1',
        protocol: 'http',
        stubs: [{ predicates: asks, responses: [{ is: { statusCode: 200, headers, body: '{"code":200}' } }] }],
        defaultResponse: { statusCode: 422, headers, body: '{"code":422}' },
      },
    ],
  }
}

function msw(port: number): string {
  return `import { createServer } from '@mswjs/http-middleware'
import { http, HttpResponse } from 'msw'
const purchase = http.post('${path}', async ({ request }) => {
  const { amount } = await request.json()
  return amount === undefined ? HttpResponse.json({ code: 422 }, { status: 422 }) : HttpResponse.json({ code: 200 })
})
createServer(purchase).listen(${port}, '127.0.0.1')
`
}
