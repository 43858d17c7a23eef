import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { appStoreDevelopment } from '../../src/receipts/app-store/development.js'
import type { MintContext } from '../../src/receipts/app-store/purchase.js'
import { readAppStoreReceipt } from '../../src/receipts/app-store/read.js'
import { builtInTrust, prepareTrust } from '../../src/receipts/app-store/trust.js'
import { outcomeOf, type Check, type CheckName } from '../../src/receipts/verdict.js'

export const material = appStoreDevelopment()
export const trust = prepareTrust(builtInTrust(material.root))
export const bundleId = 'com.example.game'

/** Everything minting needs, the same in every run. */
export function aContext(now = '2026-01-31T10:00:00Z'): MintContext {
  let count = 0
  const random = (size: number) => createHash('shake256', { outputLength: size }).update(String(count++)).digest()
  return { material, now: new Date(now), random }
}

export function read(receipt: string, expect = {}) {
  return readAppStoreReceipt(receipt, { trust, expect })
}

/** The named checks as passed, failed, open or not taken. */
export function outcomes(checks: readonly Check[], ...names: CheckName[]) {
  return names.map((name) => outcomeOf(checks, name))
}

/** Runs openssl over files in a folder that is gone afterwards; a name in the arguments such as `@root` becomes its path. */
export function openssl(files: Record<string, string | Buffer>, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'coinslot-openssl-'))
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
    const paths = args.map((arg) => (arg.startsWith('@') ? join(folder, arg.slice(1)) : arg))
    const { status, stdout, stderr } = spawnSync('openssl', paths)
    return { status, stdout, stderr: stderr.toString() }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A definite-length element around parts. */
export function element(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([Buffer.from([tag, 0x84]), length, body])
}

/** One receipt attribute around bytes. */
export function attributeBytes(code: number, value: Buffer): Buffer {
  const number = Buffer.from(code < 0x80 ? [code] : [code >> 8, code & 0xff])
  return element(0x30, element(0x02, number), element(0x02, Buffer.from([1])), element(0x04, value))
}
