import { expect, test } from 'vitest'
import { aFile, aSecureSandbox, purchase, run, type SecureSandbox } from './kit.js'

test.each(['--http1.1', '--http2'])('curl %s reaches a vendor by its own name', async (version) => {
  const sandbox = await aSecureSandbox({ nativePorts: true })
  const port = sandbox.native(443)

  const said = await curl(sandbox, port, [
    version,
    '-i',
    '-H',
    'Content-Type: application/json',
    '-d',
    purchase,
    `https://api.gocarrot.com:${port}/v2/purchase`,
  ])

  expect(said.stderr).toBe('')
  expect(said.stdout).toMatch(/^HTTP\/(1\.1|2) 200/)
  expect(said.stdout).toMatch(/\{"code":200\}$/)
})

test('curl without a scheme speaks plain HTTP to a documented port and is answered, as in the vendor’s own lines', async () => {
  const sandbox = await aSecureSandbox({ nativePorts: true })
  const port = sandbox.native(8488)

  const said = await curl(sandbox, port, ['-i', `api.gocarrot.com:${port}/nothing`])

  expect(said.stdout).toMatch(/^HTTP\/1\.1 404/)
  expect(said.stdout).toMatch(/x-sandbox-request: r-/i)
})

test('curl that does not know the authority refuses', async () => {
  const sandbox = await aSecureSandbox()

  const said = await run('curl', [
    '-sS',
    '--resolve',
    `api.gocarrot.com:${sandbox.port}:127.0.0.1`,
    `https://api.gocarrot.com:${sandbox.port}/`,
  ])

  expect(said.code).toBe(60)
})

test('curl refuses a name that the authority may not speak for', async () => {
  const sandbox = await aSecureSandbox()

  const said = await run('curl', [
    '-sS',
    '--cacert',
    aFile('ca.pem', sandbox.ca),
    '--resolve',
    `example.com:${sandbox.port}:127.0.0.1`,
    `https://example.com:${sandbox.port}/`,
  ])

  expect(said.code).toBe(60)
})

test('openssl s_client believes the chain and the name, and agrees on HTTP/2', async () => {
  const sandbox = await aSecureSandbox()

  const said = await run('openssl', [
    's_client',
    '-connect',
    `127.0.0.1:${sandbox.port}`,
    '-servername',
    'devs.ouya.tv',
    '-alpn',
    'h2,http/1.1',
    '-CAfile',
    aFile('ca.pem', sandbox.ca),
    '-verify_return_error',
    '-verify_hostname',
    'devs.ouya.tv',
  ])

  expect(said.stdout).toContain('Verify return code: 0 (ok)')
  expect(said.stdout).toContain('ALPN protocol: h2')
})

function curl(sandbox: SecureSandbox, port: number, args: readonly string[]) {
  const resolve = ['--resolve', `api.gocarrot.com:${port}:127.0.0.1`]
  return run('curl', ['-sS', '--noproxy', '*', '--cacert', aFile('ca.pem', sandbox.ca), ...resolve, ...args])
}

test.each(['127.0.0.1', '10.0.2.2', '172.17.0.1', '203.0.113.7'])(
  'a client that sends the address %s as server name trusts it',
  async (address) => {
    const sandbox = await aSecureSandbox({ tlsName: ['203.0.113.7'] })

    const said = await run('openssl', [
      's_client',
      '-connect',
      `127.0.0.1:${sandbox.port}`,
      '-servername',
      address,
      '-verify_ip',
      address,
      '-CAfile',
      aFile('pem', sandbox.ca),
    ])

    expect(said.stdout).toContain('Verify return code: 0 (ok)')
  },
)
