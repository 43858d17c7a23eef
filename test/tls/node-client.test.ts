import { get } from 'node:https'
import { expect, test } from 'vitest'
import { aFile, aSecureSandbox, purchase, run } from './kit.js'

const script = `
  const reply = await fetch(process.argv[1], { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: process.argv[2] })
  console.log(reply.status, await reply.text())
`

test('fetch reaches the sandbox over TLS with NODE_EXTRA_CA_CERTS', async () => {
  const sandbox = await aSecureSandbox()

  const said = await node([`https://localhost:${sandbox.port}/teak/v2/purchase`, purchase], {
    NODE_EXTRA_CA_CERTS: aFile('ca.pem', sandbox.ca),
  })

  expect(said.stdout).toBe('200 {"code":200}\n')
})

test('fetch by address is believed as well', async () => {
  const sandbox = await aSecureSandbox()

  const said = await node([`https://127.0.0.1:${sandbox.port}/teak/v2/purchase`, purchase], {
    NODE_EXTRA_CA_CERTS: aFile('ca.pem', sandbox.ca),
  })

  expect(said.stdout).toBe('200 {"code":200}\n')
})

test('fetch that does not know the authority refuses', async () => {
  const sandbox = await aSecureSandbox()

  const said = await node([`https://localhost:${sandbox.port}/teak/v2/purchase`, purchase], {})

  expect(said.code).not.toBe(0)
  expect(said.stderr).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|unable to verify/)
})

test('https reaches a vendor by its own name', async () => {
  const sandbox = await aSecureSandbox({ nativePorts: true })

  const status = await new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: sandbox.native(10443), servername: 'openapi-zinny3.game.kakao.com', ca: sandbox.ca }
    get({ ...options, headers: { Host: 'openapi-zinny3.game.kakao.com:10443' }, path: '/nothing', agent: false }, (reply) => {
      reply.resume()
      resolve([reply.statusCode, typeof reply.headers['x-sandbox-request']])
    }).once('error', reject)
  })

  expect(status).toEqual([404, 'string'])
})

function node(args: readonly string[], env: Record<string, string>) {
  return run(process.execPath, ['--input-type=module', '-e', script, ...args], '', { NODE_OPTIONS: '', NODE_EXTRA_CA_CERTS: '', ...env })
}
