import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { developmentKeys, keyCache, parseLicenseKey, parsePrivateKey, parsePublicKey, spkiBase64, spkiDer } from '../../src/pki/keys.js'

const { ouyaGamers, googlePlay } = developmentKeys()
const gamer = ouyaGamers[0]!

describe('a licence key', () => {
  test.each([1024, 2048, 3072, 4096])('of %i bits is accepted', (bits) => {
    const parsed = parseLicenseKey(spkiBase64(keyOfBits(bits)))

    expect(parsed).toMatchObject({ ok: true, bits })
  })

  test('may hold white space anywhere', () => {
    const text = spkiBase64(googlePlay)
    const spaced = ` ${text.slice(0, 10)} \t${text.slice(10, 100)}\r\n${text.slice(100)}\n`

    const parsed = parseLicenseKey(spaced)

    expect(parsed.ok && spkiBase64(parsed.key)).toBe(text)
  })

  test.each([
    ['nothing', '', 'is empty'],
    ['a PEM block', googlePlayPem(), 'is PEM'],
    [
      'a character that is not Base64',
      `${spkiBase64(googlePlay).slice(0, 50)}!${spkiBase64(googlePlay).slice(51)}`,
      'holds "!" at position 50',
    ],
    ['a cut key', spkiBase64(googlePlay).slice(0, 200), 'of no DER SubjectPublicKeyInfo'],
    ['a key with something after it', Buffer.concat([spkiDer(googlePlay), Buffer.alloc(3)]).toString('base64'), 'has bytes after the end'],
    ['a private key', googlePlay.export({ type: 'pkcs8', format: 'der' }).toString('base64'), 'of no DER SubjectPublicKeyInfo'],
    ['512 bits', spkiBase64(keyOfBits(512)), 'has 512 bits'],
    ['more than 4096 bits', spkiBase64(keyOfBits(4104)), 'has 4104 bits'],
    ['an elliptic curve', spkiBase64(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey), 'is of type ec'],
    ['a megabyte', 'A'.repeat(1_000_000), 'more than any key needs'],
  ])('is refused when it is %s', (_what, text, reason) => {
    expect(parseLicenseKey(text)).toEqual({ ok: false, reason: expect.stringContaining(reason) })
  })
})

describe('a private key', () => {
  test('is read from PEM', () => {
    const parsed = parsePrivateKey(gamer.export({ type: 'pkcs8', format: 'pem' }).toString())

    expect(parsed.ok && parsed.key.equals(gamer)).toBe(true)
  })

  test('is read from the Base64 of its DER', () => {
    const parsed = parsePrivateKey(gamer.export({ type: 'pkcs8', format: 'der' }).toString('base64'))

    expect(parsed).toMatchObject({ ok: true, bits: 1024 })
  })

  test('that is encrypted is refused', () => {
    const text = gamer.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'secret' }).toString()

    expect(parsePrivateKey(text)).toEqual({ ok: false, reason: expect.stringContaining('not an unencrypted PKCS#8 block') })
  })

  test('is not taken from a public one', () => {
    expect(parsePrivateKey(spkiBase64(gamer))).toEqual({ ok: false, reason: 'is Base64, but of no DER PKCS#8 private key' })
  })
})

describe('a public key', () => {
  test('is read as the console writes it, in lines of 76 characters', () => {
    const lines = spkiBase64(gamer).replace(/.{1,76}/g, '$&\n')
    const parsed = parsePublicKey(`-----BEGIN PUBLIC KEY-----\n${lines}-----END PUBLIC KEY-----\n`)

    expect(parsed.ok && spkiBase64(parsed.key)).toBe(spkiBase64(gamer))
  })

  test('on one line is read', () => {
    const parsed = parsePublicKey(`-----BEGIN PUBLIC KEY-----${spkiBase64(googlePlay)}-----END PUBLIC KEY-----`)

    expect(parsed).toMatchObject({ ok: true, bits: 2048 })
  })

  test('without its dashed lines is refused', () => {
    expect(parsePublicKey(spkiBase64(gamer))).toEqual({ ok: false, reason: 'is not a PEM block "PUBLIC KEY"' })
  })

  test('of 1024 bits fills the 162 bytes of a key.der', () => {
    expect(spkiDer(gamer)).toHaveLength(162)
  })
})

test('no text makes a key parser throw', () => {
  const pem = fc.string().map((body) => `-----BEGIN PUBLIC KEY-----${body}-----END PUBLIC KEY-----`)
  const broken = fc.tuple(fc.nat(293), fc.integer({ min: 1, max: 255 })).map(([at, change]) => changed(spkiDer(googlePlay), at, change))
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), pem, broken), (text) => {
      for (const parse of [parseLicenseKey, parsePublicKey, parsePrivateKey]) expect(typeof parse(text).ok).toBe('boolean')
    }),
  )
})

describe('the development keys', () => {
  test('are one key for Google Play, one that is foreign, and at least 32 different ones for gamers', () => {
    const keys = developmentKeys()
    const all = [keys.googlePlay, keys.foreign, ...keys.ouyaGamers]

    expect(all.map((key) => key.asymmetricKeyDetails?.modulusLength)).toEqual([2048, 2048, ...keys.ouyaGamers.map(() => 1024)])
    expect(keys.ouyaGamers.length).toBeGreaterThanOrEqual(32)
    expect(new Set(all.map(spkiBase64)).size).toBe(all.length)
  })

  test('are read once', () => {
    const keys = developmentKeys()

    expect(keys.googlePlay).toBe(keys.googlePlay)
    expect(keys.ouyaGamers).toBe(keys.ouyaGamers)
  })

  test('are not read before they are asked for', () => {
    const keys = developmentKeys((name) => {
      throw new Error(`no such file: ${name}`)
    })

    expect(() => keys.foreign).toThrow('no such file: foreign.pem')
  })
})

describe('a key cache', () => {
  test('parses a text once', () => {
    const cache = keyCache(10)

    expect(cache.licenseKey(spkiBase64(gamer))).toBe(cache.licenseKey(spkiBase64(gamer)))
  })

  test('forgets the text unused for longest when it is full', () => {
    const cache = keyCache(2)
    const [first, second, third] = [spkiBase64(ouyaGamers[1]!), spkiBase64(ouyaGamers[2]!), spkiBase64(ouyaGamers[3]!)]
    const [firstParsed, secondParsed] = [cache.licenseKey(first), cache.licenseKey(second)]
    cache.licenseKey(first)
    cache.licenseKey(third)

    expect(cache.licenseKey(first)).toBe(firstParsed)
    expect(cache.licenseKey(second)).not.toBe(secondParsed)
  })

  test('keeps one text apart for each way of reading it', () => {
    const cache = keyCache(10)
    cache.licenseKey(spkiBase64(gamer))

    expect(cache.privateKey(spkiBase64(gamer)).ok).toBe(false)
  })
})

/** A public key of exactly this size. Its factors are unknown, because parsing does not need them. */
function keyOfBits(bits: number): KeyObject {
  const modulus = Buffer.alloc(bits / 8, 0xb5)
  return createPublicKey({ key: { kty: 'RSA', n: modulus.toString('base64url'), e: 'AQAB' }, format: 'jwk' })
}

function googlePlayPem(): string {
  return createPublicKey(developmentKeys().googlePlay).export({ type: 'spki', format: 'pem' }).toString()
}

function changed(bytes: Buffer, at: number, change: number): string {
  const copy = Buffer.from(bytes)
  copy[at]! ^= change
  return copy.toString('base64')
}
