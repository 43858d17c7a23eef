import { execFileSync } from 'node:child_process'
import { type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  decryptBlob,
  encryptBlob,
  unwrapWithPrivate,
  unwrapWithPublic,
  wrapWithPrivate,
  wrapWithPublic,
} from '../../src/receipts/ouya/cipher.js'
import { gamer } from './ouya-keys.js'

const folder = mkdtempSync(join(tmpdir(), 'coinslot-'))
const privateFile = fileOf('private.pem', gamer.privateKey)
const publicFile = fileOf('public.pem', gamer.publicKey)
const aesKey = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')
const iv = Buffer.alloc(16, 5)
const raw = ['-pkeyopt', 'rsa_padding_mode:pkcs1']

afterAll(() => rmSync(folder, { recursive: true }))

describe('openssl', () => {
  test('recovers a key wrapped with the private key', () => {
    const wrapped = wrapWithPrivate(aesKey, gamer.privateKey)

    expect(openssl(wrapped, 'pkeyutl', '-verifyrecover', '-pubin', '-inkey', publicFile, ...raw)).toEqual(aesKey)
  })

  test('wraps with the private key what opens here', () => {
    const wrapped = openssl(aesKey, 'pkeyutl', '-sign', '-inkey', privateFile, ...raw)

    expect(unwrapWithPublic(wrapped, gamer.publicKey)).toEqual({ ok: true, value: aesKey })
  })

  test('decrypts a key wrapped with the public key', () => {
    const wrapped = wrapWithPublic(aesKey, gamer.publicKey)

    expect(openssl(wrapped, 'pkeyutl', '-decrypt', '-inkey', privateFile, ...raw)).toEqual(aesKey)
  })

  test('wraps with the public key what opens here', () => {
    const wrapped = openssl(aesKey, 'pkeyutl', '-encrypt', '-pubin', '-inkey', publicFile, ...raw)

    expect(unwrapWithPrivate(wrapped, gamer.privateKey)).toEqual({ ok: true, value: aesKey })
  })

  test.each([16, 24, 32])('reads and writes the blobs of a %i byte key', (size) => {
    const key = Buffer.alloc(size, 3)
    const args = [`-aes-${size * 8}-cbc`, '-K', key.toString('hex'), '-iv', iv.toString('hex')]
    const text = '{"name":"Ostrá sekera"}'

    expect(openssl(encryptBlob(text, key, iv), 'enc', '-d', ...args).toString()).toBe(text)
    expect(decryptBlob(openssl(Buffer.from(text), 'enc', ...args), key, iv)).toEqual({ ok: true, value: text })
  })
})

describe('a block that opens with the private key', () => {
  test.each([
    ['too little padding', [0, 2, 1, 1, 1, 1, 1, 1, 1, 0]],
    ['the other direction', [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]],
    ['no end of padding', Array.from({ length: 128 }, (_, at) => [0, 2][at] ?? 1)],
  ])('with %s is refused', (_what, head) => {
    const block = Buffer.alloc(128, 1)
    block.set(head)
    const wrapped = openssl(block, 'pkeyutl', '-encrypt', '-pubin', '-inkey', publicFile, '-pkeyopt', 'rsa_padding_mode:none')

    expect(unwrapWithPrivate(wrapped, gamer.privateKey).ok).toBe(false)
  })
})

function openssl(input: Buffer, ...args: string[]): Buffer {
  return execFileSync('openssl', args, { input })
}

function fileOf(name: string, key: KeyObject): string {
  const file = join(folder, name)
  writeFileSync(file, key.type === 'private' ? key.export({ type: 'pkcs8', format: 'pem' }) : key.export({ type: 'spki', format: 'pem' }))
  return file
}
