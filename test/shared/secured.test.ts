import { Redis } from 'ioredis'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { aFolder, aRunningSandbox, coinslot } from '../cli/process.js'
import { onFreePort, startRedis } from '../support/redis-server.js'
import { selfSigned } from '../support/self-signed.js'
import { aSandbox } from '../support/sandbox.js'
import { oneRedis, purchase } from './kit.js'

const redis = oneRedis()

test('a user who may touch the prefix alone is enough', async () => {
  const client = new Redis(redis().port)
  onTestFinished(() => client.disconnect())
  const rights = ['~own:*', '&own:*', '+@all', '-@dangerous', '-@admin', '+info']
  await client.call('ACL', 'SETUSER', 'shop', 'on', '>p@ss word', 'resetkeys', 'resetchannels', ...rights)
  const address = (secret: string) => `redis://shop:${encodeURIComponent(secret)}@127.0.0.1:${redis().port}/0?prefix=own`
  const sandbox = await aSandbox({ store: address('p@ss word') })
  expect((await sandbox.ask('/teak/v2/purchase', purchase('o-1'))).status).toBe(200)
  expect(await sandbox.control('GET', 'traffic')).toMatchObject({ total: 1 })
  const wrong = aSandbox({ store: address('secret word') })
  await expect(wrong).rejects.toThrow(/WRONGPASS/)
  await expect(wrong).rejects.not.toThrow(/secret/)
})

test('rediss is TLS, and a server with an untrusted certificate is refused', { timeout: 60_000 }, async () => {
  const { cert, key } = selfSigned()
  const folder = aFolder()
  const [certificateFile, keyFile] = [join(folder, 'server.pem'), join(folder, 'server.key')]
  writeFileSync(certificateFile, cert)
  writeFileSync(keyFile, key)
  const files = ['--tls-cert-file', certificateFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', certificateFile]
  const server = await startRedis([...files, '--tls-auth-clients', 'no'])
  onTestFinished(() => server.stop())
  const client = new Redis(server.port)
  onTestFinished(() => client.disconnect())
  const port = await onFreePort(65_535, async (free) => {
    await client.config('SET', 'tls-port', String(free))
    return free
  })

  const store = `rediss://localhost:${port}/0`
  const refused = await coinslot(['start', '--port', '0', '--store', store])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/self.signed/)
  const replica = await aRunningSandbox(['--store', store], { cwd: folder, env: { NODE_EXTRA_CA_CERTS: certificateFile } })
  expect((await fetch(`${replica.url}/teak/v2/purchase`, purchase('o-1'))).status).toBe(200)
})
