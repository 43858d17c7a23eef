import { execFileSync } from 'node:child_process'
import { createPublicKey, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { developmentKeys, parseLicenseKey } from '../../src/pki/keys.js'
import { mint, type MintInput, mintInput, verify } from '../../src/receipts/google-play.js'
import { environmentOf, productIdOf, type PurchaseData, stateOf } from '../../src/receipts/purchase-data.js'
import { outcomeOf } from '../../src/receipts/verdict.js'
import { seededBytes } from './seeded-bytes.js'

const development = developmentKeys()
const key = createPublicKey(development.googlePlay)
const now = new Date('2026-01-01T00:00:00.000Z')

describe('a minted purchase', () => {
  test('is accepted with the licence key and its package name', () => {
    const { purchaseData, signature } = minted()

    const verdict = verify(purchaseData, signature, key, { packageName: 'com.example.game' })

    expect(verdict.ok).toBe(true)
    expect(verdict.checks.map((check) => check.name)).toEqual(['parse', 'signature', 'app'])
    expect(verdict.claims?.productId).toBe('gems.10')
  })

  test('looks like a real one where nothing is said', () => {
    const data: unknown = JSON.parse(minted().purchaseData)

    expect(data).toEqual({
      orderId: expect.stringMatching(/^GPA\.\d{4}-\d{4}-\d{4}-\d{5}$/),
      packageName: 'com.example.game',
      productId: 'gems.10',
      purchaseTime: now.getTime(),
      purchaseState: 0,
      purchaseToken: expect.stringMatching(/^[a-z]{24}\.AO-J1O[\w-]{113}$/),
      quantity: 1,
      acknowledged: false,
    })
  })

  test('renews itself when it is a subscription', () => {
    expect(JSON.parse(minted({ subscription: true }).purchaseData)).toMatchObject({ autoRenewing: true })
  })

  test('carries every field that is given, known or not', () => {
    const given = { orderId: '', quantity: 3, developerPayload: '{"a":1}', obfuscatedAccountId: 'ann', somethingNew: [1] }

    expect(JSON.parse(minted(given).purchaseData)).toMatchObject(given)
  })

  test('leaves out a usual field that is null', () => {
    expect(Object.keys(JSON.parse(minted({ orderId: null, acknowledged: null }).purchaseData))).toEqual([
      'packageName',
      'productId',
      'purchaseTime',
      'purchaseState',
      'purchaseToken',
      'quantity',
    ])
  })

  test('is the same for the same random bytes', () => {
    expect(minted()).toEqual(minted())
  })

  test('for several products needs no single one', () => {
    const { purchaseData, signature } = minted({ productId: undefined, productIds: ['gems.10', 'gems.20'] })

    const { ok, claims } = verify(purchaseData, signature, key)

    expect(ok).toBe(true)
    expect(productIdOf(claims!)).toBe('gems.10')
  })

  test('cannot be asked for without a product or with endless nesting', () => {
    let deep: unknown = 1
    for (let level = 0; level < 5_000; level += 1) deep = [deep]

    expect(mintInput.safeParse({ packageName: 'com.example.game' }).success).toBe(false)
    expect(mintInput.safeParse({ packageName: 'com.example.game', productId: 'gems.10', deep }).success).toBe(false)
  })
})

describe('a forged purchase', () => {
  test.each(['signature', 'data', 'key'] as const)('is refused for its signature alone when its %s was tampered with', (tamper) => {
    const { purchaseData, signature } = minted({ tamper })

    const verdict = verify(purchaseData, signature, key, { packageName: 'com.example.game' })

    expect(verdict.ok).toBe(false)
    expect(verdict.checks.map((check) => check.ok)).toEqual([true, false, true])
  })

  test('with a foreign key is what the foreign key signed', () => {
    const { purchaseData, signature } = minted({ tamper: 'key' })

    expect(verify(purchaseData, signature, createPublicKey(development.foreign)).ok).toBe(true)
  })

  test('shows in any changed character of the data', () => {
    const { purchaseData, signature } = minted()
    fc.assert(
      fc.property(fc.nat(purchaseData.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        fc.pre(purchaseData[at] !== character)
        const changed = purchaseData.slice(0, at) + character + purchaseData.slice(at + 1)
        expect(outcomeOf(verify(changed, signature, key).checks, 'signature')).toBe(false)
      }),
    )
  })

  test('shows in any changed character of the signature', () => {
    const { purchaseData, signature } = minted()
    fc.assert(
      fc.property(fc.nat(signature.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        fc.pre(signature[at] !== character && !'\r\n'.includes(character))
        const changed = signature.slice(0, at) + character + signature.slice(at + 1)
        expect(verify(purchaseData, changed, key).ok).toBe(false)
      }),
    )
  })

  test('shows in bits of the last character that no byte holds', () => {
    const { purchaseData, signature } = minted()
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const last = alphabet[alphabet.indexOf(signature.at(-3)!) + 1]!
    const changed = `${signature.slice(0, -3)}${last}==`

    expect(Buffer.from(changed, 'base64')).toEqual(Buffer.from(signature, 'base64'))
    expect(verify(purchaseData, changed, key).ok).toBe(false)
  })

  test('shows when the data was written anew with the same content', () => {
    const { purchaseData, signature } = minted()

    expect(verify(`${purchaseData}\n`, signature, key).ok).toBe(false)
    expect(verify(JSON.stringify(JSON.parse(purchaseData), null, 1), signature, key).ok).toBe(false)
  })

  test('of another game is refused for the app alone', () => {
    const { purchaseData, signature } = minted({ packageName: 'com.example.other' })

    const { checks } = verify(purchaseData, signature, key, { packageName: 'com.example.game' })

    expect(checks.map((check) => check.ok)).toEqual([true, true, false])
    expect(checks[2]?.detail).toBe('the package is com.example.other, expected com.example.game')
  })

  test('shows when half a surrogate pair took the place of the character that was signed', () => {
    const { purchaseData, signature } = minted({ developerPayload: '\ufffd' })

    expect(verify(purchaseData, signature, key).ok).toBe(true)
    expect(verify(purchaseData.replace('\ufffd', '\ud800'), signature, key).ok).toBe(false)
  })
})

describe('a signature that cannot be one', () => {
  test.each([
    ['', 'the signature is empty'],
    ['bm90IHJlYWw=', 'the signature is 8 bytes long; one made with this 2048 bit key has 256'],
    ['no*base64', 'the signature holds "*" at position 2, which is not Base64'],
    ['ab c', 'the signature holds a space at position 2: a "+" is often lost that way in a form'],
    ['abcde', 'the signature is 5 Base64 characters long, which is no multiple of 4'],
  ])('%j says what was seen', (signature, detail) => {
    const { checks } = verify(minted().purchaseData, signature, key)

    expect(checks[1]).toEqual({ name: 'signature', ok: false, detail })
  })

  test('may still be wrapped into lines', () => {
    const { purchaseData, signature } = minted()

    expect(verify(purchaseData, signature.replace(/.{76}/g, '$&\r\n'), key).ok).toBe(true)
  })

  test.each(['', minted().signature])('is left open without a key to check it: %.10j', (signature) => {
    const verdict = verify(minted().purchaseData, signature, null)

    expect(verdict.ok).toBe(false)
    expect(verdict.checks[1]).toMatchObject({ name: 'signature', ok: null })
  })
})

describe('reading the data', () => {
  test('keeps a signed purchase with a field of another type, and says so', () => {
    const verdict = verified('{"packageName":"com.example.game","productId":"gems.10","purchaseTime":"soon","extra":1}')

    expect(verdict.ok).toBe(true)
    expect(verdict.claims).toEqual({ packageName: 'com.example.game', productId: 'gems.10', extra: 1 })
    expect(verdict.checks[0]?.detail).toBe('purchase of gems.10 in com.example.game; of another type than usual: purchaseTime')
  })

  test.each(['', '[]', 'null', '"text"', '{', '{"a":1}x', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`])(
    'finds no purchase in %j',
    (text) => {
      const verdict = verified(text)

      expect(verdict.ok).toBe(false)
      expect(verdict.checks.map((check) => check.ok)).toEqual([false, true])
      expect(verdict.claims).toBeUndefined()
    },
  )

  test('reads a purchase of any length', () => {
    const verdict = verified(`{"productId":"p","developerPayload":"${'a'.repeat(300_000)}"}`)

    expect(verdict.checks[0]).toMatchObject({ ok: true })
    expect(verdict.claims?.developerPayload).toHaveLength(300_000)
  })

  test.each<[string, (text: string) => string, string, (text: string) => string]>([
    ['printed anew with blanks', (text) => text, 'compact form', (text) => JSON.stringify(JSON.parse(text), null, 1)],
    ['with a line break behind it', (text) => text, 'without the white space around it', (text) => `${text}\n`],
    ['with its slashes no longer escaped', (text) => text.replaceAll('/', '\\/'), 'slashes escaped', (text) => text],
  ])('names purchase data %s, which stays refused', (_, signed, named, presented) => {
    const text = JSON.stringify({ packageName: 'com.example.game', productId: 'a/b' })
    const signature = sign('sha1', Buffer.from(signed(text)), development.googlePlay).toString('base64')

    const { ok, checks } = verify(presented(text), signature, key)

    expect([ok, checks[1]?.ok]).toEqual([false, false])
    expect(checks[1]?.detail).toContain(named)
    expect(checks[1]?.detail).toContain('send the text as the device gave it')
    expect(verify(presented(text).replace('a/b', 'a/c'), signature, key).checks[1]?.detail).toMatch(/another key signed it/)
  })

  test('is quick with a long list of which nothing fits', () => {
    const before = performance.now()
    const verdict = verified(`{"packageName":"com.example.game","productIds":[${'1,'.repeat(125_000)}1]}`)

    expect(verdict.claims).toEqual({ packageName: 'com.example.game' })
    expect(performance.now() - before).toBeLessThan(3_000)
  })

  test('is not led astray by a member called __proto__', () => {
    const { claims } = verified('{"__proto__":{"packageName":"com.example.game"},"productId":"gems.10"}')

    expect(claims?.packageName).toBeUndefined()
  })

  test('does not throw or hang, whatever the text and the signature', () => {
    const nested = fc.nat(200_000).map((depth) => `{"a":${'['.repeat(depth)}`)
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.json(), nested),
        fc.oneof(fc.string(), fc.base64String()),
        (text, signature) => {
          expect(verify(text, signature, key, { packageName: 'com.example.game' }).ok).toBe(false)
        },
      ),
    )
  })
})

describe('openssl', () => {
  test('accepts what is minted', () => {
    inFolder((file) => {
      const { purchaseData, signature } = minted()
      const args = ['dgst', '-sha1', '-verify', file('key.pem', key.export({ type: 'spki', format: 'pem' })), '-signature']
      const printed = execFileSync('openssl', [...args, file('signature', Buffer.from(signature, 'base64')), file('data', purchaseData)])

      expect(printed.toString()).toBe('Verified OK\n')
    })
  })

  test('signs what is accepted', () => {
    inFolder((file) => {
      const text = '{"packageName":"com.example.game","productId":"gems.10","developerPayload":"žluťoučký 🐴"}'
      const pem = file('key.pem', development.googlePlay.export({ type: 'pkcs8', format: 'pem' }))
      const signature = execFileSync('openssl', ['dgst', '-sha1', '-sign', pem, file('data', text)])

      expect(verify(text, signature.toString('base64'), key).ok).toBe(true)
    })
  })
})

test('the worked example of the Mbaasy pages is accepted', () => {
  const parsed = parseLicenseKey(workedExample.licenseKey)

  const verdict = verify(workedExample.data, workedExample.signature, parsed.ok ? parsed.key : null, { packageName: 'com.example.app' })

  expect(verdict.ok).toBe(true)
  expect(verdict.claims).toMatchObject({ orderId: 'GPA.3300-0000-0000-00001', purchaseTime: 1546300800123, autoRenewing: true })
})

test.each<[PurchaseData, Parameters<typeof environmentOf>[1], string]>([
  [{ orderId: 'GPA.1' }, {}, 'production'],
  [{ orderId: '' }, {}, 'sandbox'],
  [{}, {}, 'sandbox'],
  [{ orderId: 'GPA.1', productId: 'android.test.purchased' }, {}, 'sandbox'],
  [{ orderId: 'GPA.1', productIds: ['android.test.purchased'] }, {}, 'sandbox'],
  [{ orderId: 'GPA.1' }, { packageDefault: 'sandbox' }, 'sandbox'],
  [{ orderId: 'GPA.1' }, { testPurchase: true }, 'sandbox'],
  [{ orderId: '' }, { testPurchase: false }, 'production'],
])('%j with %j known belongs to the %s', (data, known, environment) => {
  expect(environmentOf(data, known)).toBe(environment)
})

test.each([
  [undefined, 'purchased'],
  [0, 'purchased'],
  [1, 'cancelled'],
  [2, 'refunded'],
  [3, 'purchased'],
  [4, 'pending'],
])('purchase state %s means %s', (purchaseState, state) => {
  expect(stateOf({ purchaseState })).toBe(state)
})

function minted(input: Partial<MintInput> = {}) {
  const asked = mintInput.parse({ packageName: 'com.example.game', productId: 'gems.10', ...input })
  return mint(asked, { key: development.googlePlay, foreignKey: development.foreign, now, random: seededBytes('purchase') })
}

function verified(text: string) {
  return verify(text, sign('sha1', Buffer.from(text), development.googlePlay).toString('base64'), key)
}

function inFolder(work: (file: (name: string, content: string | Buffer) => string) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'coinslot-'))
  try {
    work((name, content) => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const workedExample = {
  licenseKey:
    'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA166cfFhRMEXhewQDxJq+BGYGO2+uGVkwhMepl8jaCPmwjnfTnVe75dJG1JsQHmmM9Fll7QqfmHpTfwX6BcdHHbUizWJstEyVTD0NZ0i47pAjtCE8ZK877E40c/lT3y+6rUwingOj4x3+8OqcJnIoycbe9DUWSthGHBza9mm0jYhcbMO5l8tkDW700KvszIOXkx85QOoq2HKuPLS+al+N9hq+X7t8r2kl9wafqrtfJFfaV3iU7nG/HSow+QiLIKa1ywMQ7BhdLo4FKq8Yd7sr9t8VdvjA9hjfKKrKfLi2yM0Kg/g7xoMx42niBXLKhjII+774Z7xJgoWLgevDhlacDwIDAQAB',
  data: '{"orderId":"GPA.3300-0000-0000-00001","packageName":"com.example.app","productId":"premium.1month","purchaseTime":1546300800123,"purchaseState":0,"purchaseToken":"abcdefghijklmnopqrstuvwx.AO-J1OxExampleExampleExampleExampleExample","quantity":1,"autoRenewing":true,"acknowledged":false}',
  signature:
    'wUjTamk3vcTJrlGpYd2yUgo9zdcR750IZf2GR96t4QRw7IH3NUvQO6AuPJ6Wdb8XY8W87dNtH+0KkcbskET2YrOCn03lyXYzPL1Ijm25TudPOkPOn1hD8BFlB+LlW24vaz/ZJV+fVlDtS64EyPj/4yx/zBZGkTCJXd2XDXPfO1u3je8kPNsG0G44D2a1+sXY0VUElzyBORcXHh2VZ0cGHOqhsFzEnQwXSwNmdy1E/7+oVMFogdXnzYi6apu+b2NeJF1JheEyGJQAKE5gyH4kRSB9aUH7CVT9iHH/i6woyGGTAfM6Wup2+ceWZktMcp6eUWR4jRW/dYLw0S8Loy3HOg==',
}
