import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Inspection } from '../../src/client/receipts.js'
import { mintUnified } from '../../src/receipts/app-store/unified.js'
import { aContext } from '../receipts/app-store-kit.js'
import { aFolder, aSandboxHere, coinslot, coinslotHere } from './process.js'

const minted = mintUnified({ bundleId: 'com.example.game', items: [{ productId: 'gems.10' }] }, aContext()).receipt

test('inspect asks about the bytes of a file: a binary, UTF-16 or marked one is named and judged as it stands', async () => {
  const { url } = await aSandboxHere()
  const files: [Buffer, RegExp, string | undefined][] = [
    [Buffer.from(`${minted}\n`), /^unified receipt/, undefined],
    [Buffer.from(minted, 'base64'), /receipt file of a device in binary/, 'its contents, unwrapped, would be 200'],
    [Buffer.from(`\ufeff${minted}`, 'utf16le'), /UTF-16/, 'its contents, unwrapped, would be 200'],
    [Buffer.from(JSON.stringify({ receipt: minted })), /\{"receipt":…\}/, 'its contents, unwrapped, would be 200'],
  ]
  for (const [bytes, named, unwrapped] of files) {
    const file = join(aFolder(), 'receipt')
    writeFileSync(file, bytes)

    const done = await coinslotHere(['inspect', file, '--url', url, '--json'])

    const { checks, vendors } = JSON.parse(done.stdout) as Inspection
    expect(checks[0]?.detail).toMatch(named)
    expect(vendors.find(({ vendor }) => vendor === 'mbaasy')?.unwrapped).toBe(unwrapped)
  }
})

test('a Samsung purchase is sent to the receipt call, and a notification about one is minted and read', async () => {
  const { url } = await aSandboxHere()

  const sent = await coinslotHere(['mint', 'samsung', 'itemId=gems.10', '--for', 'samsung', '--send', '--url', url])
  const line = await coinslotHere(['mint', 'samsung', '--as', 'curl', '--for', 'samsung', '--url', url])
  const notification = await coinslotHere(['mint', 'samsung', 'period=P1M', '--as', 'notification', '--type', 'ARS_RENEWED', '--url', url])
  const read = await coinslot(['inspect', '-', '--url', url], { input: notification.stdout })
  const key = await coinslot(['key', 'samsung'])
  const wrong = await coinslotHere(['mint', 'samsung', '--as', 'notification', '--type', 'ARS_RENEWED', '--url', url])

  expect(sent.stdout).toContain('samsung GET /iap/v6/receipt 200 confirmed')
  expect(line.stdout).toMatch(/^curl -i 'http:\S+\/samsung\/iap\/v6\/receipt\?purchaseID=[0-9a-f]{64}'\n$/)
  expect(notification.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
  expect(key.stdout).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  expect(read.stdout).toMatch(/^samsung notification\n/)
  expect(read.stdout).toContain('ARS_RENEWED')
  expect(read.stdout).not.toMatch(/fail|answers/)
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('must be an event of an item')])
})
