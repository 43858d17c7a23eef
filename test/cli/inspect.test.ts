import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Inspection } from '../../src/client/receipts.js'
import { mintUnified } from '../../src/receipts/app-store/unified.js'
import { aContext } from '../receipts/app-store-kit.js'
import { aFolder, aRunningSandbox, coinslot } from './process.js'

const minted = mintUnified({ bundleId: 'com.example.game', items: [{ productId: 'gems.10' }] }, aContext()).receipt

test('inspect asks about the bytes of a file: a binary, UTF-16 or marked one is named and judged as it stands', async () => {
  const { url } = await aRunningSandbox()
  const files: [Buffer, RegExp, string | undefined][] = [
    [Buffer.from(`${minted}\n`), /^unified receipt/, undefined],
    [Buffer.from(minted, 'base64'), /receipt file of a device in binary/, 'its contents, unwrapped, would be 200'],
    [Buffer.from(`\ufeff${minted}`, 'utf16le'), /UTF-16/, 'its contents, unwrapped, would be 200'],
    [Buffer.from(JSON.stringify({ receipt: minted })), /\{"receipt":…\}/, 'its contents, unwrapped, would be 200'],
  ]
  for (const [bytes, named, unwrapped] of files) {
    const file = join(aFolder(), 'receipt')
    writeFileSync(file, bytes)

    const done = await coinslot(['inspect', file, '--url', url, '--json'])

    const { checks, vendors } = JSON.parse(done.stdout) as Inspection
    expect(checks[0]?.detail).toMatch(named)
    expect(vendors.find(({ vendor }) => vendor === 'mbaasy')?.unwrapped).toBe(unwrapped)
  }
})
