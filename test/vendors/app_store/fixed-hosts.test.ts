import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { appStore } from '../../../src/vendors/app_store/index.js'
import { aFile, aSecureSandbox, run } from '../../tls/kit.js'
import { bundleId } from './store.js'

const preload = fileURLToPath(new URL('../../support/to-sandbox.mjs', import.meta.url))
const secret = '0123456789abcdef0123456789abcdef'

/** Clients whose hosts are fixed, unchanged; each line that they print is one result. */
const script = `
  import { createRequire } from 'node:module'
  import { AppStoreServerAPIClient, Environment, SignedDataVerifier } from '@apple/app-store-server-library'
  import { AppStoreServerAPI } from 'app-store-server-api'
  const receiptVerify = createRequire(import.meta.url)('node-apple-receipt-verify')
  const { key, root, production, sandbox, forged, ids, secret } = JSON.parse(process.env.CASES)
  const say = (...words) => console.log(JSON.stringify(words))

  receiptVerify.config({ secret, environment: ['production', 'sandbox'], extended: true, ignoreExpired: false })
  for (const receipt of [production, sandbox]) {
    const [purchase] = await receiptVerify.validate({ receipt })
    say('receipt-verify', purchase.productId, purchase.transactionId, purchase.expirationDate ?? null)
  }
  await receiptVerify.validate({ receipt: forged }).catch((error) => say('receipt-verify', error.appleStatus))

  for (const environment of [Environment.PRODUCTION, Environment.SANDBOX]) {
    const apple = new AppStoreServerAPIClient(key, 'SANDBOX001', 'c0145107-0000-4000-8000-000000000001', 'com.example.game', environment)
    for (const id of ids) {
      say('apple', environment, await apple.getTransactionInfo(id).then(() => 'found', (error) => error.apiError))
    }
  }
  const online = new SignedDataVerifier([Buffer.from(root, 'base64')], true, Environment.PRODUCTION, 'com.example.game', 1234567890)
  const found = await new AppStoreServerAPIClient(key, 'SANDBOX001', 'c0145107-0000-4000-8000-000000000001', 'com.example.game', Environment.PRODUCTION).getTransactionInfo(ids[0])
  say('online checks', (await online.verifyAndDecodeTransaction(found.signedTransactionInfo)).productId)

  const agisboye = new AppStoreServerAPI(key, 'SANDBOX001', 'c0145107-0000-4000-8000-000000000001', 'com.example.game')
  say('app-store-server-api', (await agisboye.getTransactionInfo(ids[0])).signedTransactionInfo.split('.').length)
`

// client: node-apple-receipt-verify | its own hosts with `NODE_EXTRA_CA_CERTS` | the shared secret of the seed
test('clients with fixed hosts work unchanged, with the authority trusted and the names led to the sandbox', async () => {
  const sandbox = await aSecureSandbox()
  const control = async (path: string, body: object) => {
    const reply = await fetch(`http://127.0.0.1:${sandbox.port}/_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) })
    return (await reply.json()) as { receipt: string; transactionId: string }
  }
  const mint = (wish: object) => control('receipts/app_store', { bundleId, ...wish })
  const production = await mint({ productId: 'gems.10' })
  const bought = await mint({ productId: 'club.monthly', period: 'P1M', environment: 'ProductionSandbox' })
  const forged = await mint({ productId: 'gems.10', tamper: 'data' })
  const key = await (await fetch(`http://127.0.0.1:${sandbox.port}/_sandbox/vendors/app_store/apps/${bundleId}/key.p8`)).text()
  const root = await (await fetch(`http://127.0.0.1:${sandbox.port}/_sandbox/vendors/app_store/root.der`)).arrayBuffer()
  const ids = [production.transactionId, bought.transactionId]

  const cases = {
    key,
    root: Buffer.from(root).toString('base64'),
    production: production.receipt,
    sandbox: bought.receipt,
    forged: forged.receipt,
    ids,
    secret,
  }
  const { stdout, stderr } = await run(process.execPath, ['--import', preload, '--input-type=module', '-e', script], '', {
    NODE_OPTIONS: '',
    NODE_EXTRA_CA_CERTS: aFile('ca.pem', sandbox.ca),
    SANDBOX_HOSTS: appStore.hosts.join(','),
    SANDBOX_TLS_PORT: String(sandbox.port),
    CASES: JSON.stringify(cases),
  })

  expect([
    stderr,
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ]).toEqual([
    expect.not.stringContaining('Error'),
    [
      ['receipt-verify', 'gems.10', ids[0], 0],
      ['receipt-verify', 'club.monthly', ids[1], expect.any(Number)],
      ['receipt-verify', 21003],
      ['apple', 'Production', 'found'],
      ['apple', 'Production', 4040010],
      ['apple', 'Sandbox', 4040010],
      ['apple', 'Sandbox', 'found'],
      ['online checks', 'gems.10'],
      ['app-store-server-api', 3],
    ],
  ])
})
