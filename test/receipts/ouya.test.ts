import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { envelope } from '../../src/receipts/ouya/envelope.js'
import { openRequest, openResponse, sealRequest, sealResponse } from '../../src/receipts/ouya/messages.js'
import { encryptBlob, wrapWithPrivate } from '../../src/receipts/ouya/cipher.js'
import { application, gamer, stranger, workedExample } from './ouya-keys.js'
import { seededBytes } from './seeded-bytes.js'

const payload = '{"identifier":"sharp_axe","uuid":"5ab3019cc2e4d7f0"}'
const random = seededBytes('ouya')
const storeKeys = { gamerPublicKey: gamer.publicKey, applicationPrivateKey: application.privateKey }
const consoleKeys = { gamerPrivateKey: gamer.privateKey, applicationPublicKey: application.publicKey }

describe('the worked example', () => {
  test('opens as a request, layer by layer', () => {
    expect(openRequest(workedForm(), storeKeys)).toEqual({
      ok: true,
      payload: workedExample.request_payload,
      plain: false,
      layers: [
        { name: 'outer', key: workedExample.request_outer_aes_key_hex, text: workedExample.request_inner_envelope },
        { name: 'inner', key: workedExample.request_inner_aes_key_hex, text: workedExample.request_payload },
      ],
    })
  })

  test('opens as a response on the console', () => {
    expect(openResponse(workedExample.response_body!, consoleKeys)).toMatchObject({ ok: true, payload: workedExample.response_payload })
  })

  test('has the outer layer that is sealed here for the same key and iv', () => {
    const { key, iv, blob } = workedForm()
    const aesKey = Buffer.from(workedExample.request_outer_aes_key_hex!, 'hex')

    expect(wrapWithPrivate(aesKey, gamer.privateKey).toString('base64')).toBe(key)
    expect(encryptBlob(workedExample.request_inner_envelope!, aesKey, Buffer.from(iv, 'base64')).toString('base64')).toBe(blob)
  })
})

describe.each([
  ['encrypted', { plain: false as const, ...storeKeys }, { plain: false as const, ...consoleKeys }],
  ['plain', { plain: true as const }, { plain: true as const }],
])('%s messages', (kind, sealingStore, sealingConsole) => {
  test('round trip as requests', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const { form } = sealRequest(text, { ...sealingConsole, random })
        expect(openRequest(form, storeKeys)).toMatchObject({ ok: true, payload: text, plain: kind === 'plain' })
      }),
    )
  })

  test('round trip as responses', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const body = sealResponse(text, { ...sealingStore, random })
        expect(openResponse(JSON.stringify(body), consoleKeys)).toMatchObject({ ok: true, payload: text, plain: kind === 'plain' })
      }),
    )
  })

  test('carry Base64 in lines of 60 characters in both layers of a response', () => {
    const body = sealResponse(payload, { ...sealingStore, random })
    const opened = openResponse({ ...body }, consoleKeys)
    const inner = envelope.parse(JSON.parse(opened.layers[0]!.text))

    expect(Object.keys(body)).toEqual(['blob', 'iv', 'key'])
    expect(opened.layers[0]?.text).toMatch(/^\{"blob":".*","iv":".*","key":".*"\}$/)
    for (const layer of [body, inner]) {
      for (const text of Object.values(layer)) expect(text).toMatch(/^(?:[A-Za-z0-9+/=]{60}\n)*[A-Za-z0-9+/=]{1,60}\n$/)
    }
  })

  test('spell the inner envelope of a request as the SDK does', () => {
    const { form, inner } = sealRequest(payload, { ...sealingConsole, random })

    expect(inner).toMatch(/^\{ "key" : "[A-Za-z0-9+/=]+", "iv" : "[A-Za-z0-9+/=]{24}", "blob" : "[A-Za-z0-9+/=]+" \}$/)
    expect(openRequest(form, storeKeys).layers[0]?.text).toBe(inner)
  })
})

test('an empty receipt list has the length that was recorded', () => {
  const body = sealResponse('{"purchases":[]}', { ...storeKeys, random })

  expect(Buffer.from(body.blob, 'base64')).toHaveLength(288)
})

test('the same random bytes seal the same outer iv', () => {
  const [first, second] = [1, 2].map(() => sealResponse(payload, { ...storeKeys, random: seededBytes('same') }))

  expect(first?.iv).toBe(second?.iv)
})

describe('a request', () => {
  test('of a gamer whose key is not known fails at the outer layer', () => {
    expect(openRequest(sealed(), { ...storeKeys, gamerPublicKey: null })).toMatchObject({ ok: false, fault: 'outer', layers: [] })
  })

  test('of another gamer fails at the outer layer', () => {
    expect(openRequest(sealed(), { ...storeKeys, gamerPublicKey: stranger.publicKey })).toMatchObject({ ok: false, fault: 'outer' })
  })

  test('for another game fails at the inner layer, with the outer one opened', () => {
    const opened = openRequest(sealed(), { ...storeKeys, applicationPrivateKey: stranger.privateKey })

    expect(opened).toMatchObject({ ok: false, fault: 'inner', layers: [{ name: 'outer' }] })
  })

  test('for a game that is not known fails at the inner layer', () => {
    expect(openRequest(sealed(), { ...storeKeys, applicationPrivateKey: null })).toMatchObject({ ok: false, fault: 'inner' })
  })

  test.each(['hello', '{}', '[]', '{"key":1,"iv":"","blob":""}', '{"key":"AA==","iv":"AA=="}'])(
    'that holds %j in place of a second envelope is told apart',
    (text) => {
      expect(openRequest(outerOver(text), storeKeys)).toMatchObject({ ok: false, fault: 'no-envelope', layers: [{ text }] })
    },
  )

  test('may hold its envelope in any order, spacing and Base64 line length', () => {
    const { inner } = sealRequest(payload, { ...consoleKeys, random })
    const { key, iv, blob } = envelope.parse(JSON.parse(inner))
    const rewritten = JSON.stringify({ blob: `${blob.slice(0, 20)}\r\n${blob.slice(20)}\n`, more: 1, key, iv }, null, 2)

    expect(openRequest(outerOver(rewritten), storeKeys)).toMatchObject({ ok: true, payload })
  })

  test.each(['key', 'iv', 'blob'] as const)('with one byte of its outer %s changed no longer says the same', (field) => {
    const form = sealed()
    const size = Buffer.from(form[field], 'base64').length
    fc.assert(
      fc.property(fc.nat(size - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Buffer.from(form[field], 'base64')
        bytes[at]! ^= change
        const opened = openRequest({ ...form, [field]: bytes.toString('base64') }, storeKeys)
        expect(opened.ok && opened.layers[0]?.text === openRequest(form, storeKeys).layers[0]?.text).toBe(false)
      }),
    )
  })

  test.each([
    ['', 'the outer layer: its key is empty'],
    ['AAAA', 'the outer layer: the wrapped key is 3 bytes long, the RSA key needs 128'],
    ['a b=', 'the outer layer: its key holds a space at position 1: a "+" is often lost that way in a form'],
  ])('with the key %j says what is wrong with it', (key, reason) => {
    expect(openRequest({ ...sealed(), key }, storeKeys)).toMatchObject({ fault: 'outer', reason })
  })

  test('is known as plain before anything opens, by a bare AES key', () => {
    const { form } = sealRequest(payload, { plain: true, random })

    expect(openRequest({ ...form, blob: '*' }, { gamerPublicKey: null, applicationPrivateKey: null })).toMatchObject({
      ok: false,
      plain: true,
    })
  })

  test.each([16, 24, 32])('with an AES key of %i bytes opens', (size) => {
    const key = Buffer.alloc(size, 7)
    const iv = Buffer.alloc(16, 9)
    const { inner } = sealRequest(payload, { ...consoleKeys, random })
    const form = { key: wrapWithPrivate(key, gamer.privateKey), iv, blob: encryptBlob(inner, key, iv) }

    expect(openRequest(base64Of(form), storeKeys)).toMatchObject({ ok: true, payload })
  })

  test('with bytes that are not UTF-8 inside is refused at the inner layer', () => {
    const inner = JSON.stringify(base64Of({ key: Buffer.alloc(16), iv: Buffer.alloc(16), blob: Buffer.from([0xff, 0xfe]) }))
    const form = base64Of({ key: Buffer.alloc(16), iv: Buffer.alloc(16), blob: Buffer.from(inner) })

    expect(openRequest(form, storeKeys)).toMatchObject({ fault: 'inner', reason: 'the inner layer: the decrypted text is not UTF-8' })
  })
})

describe('a response', () => {
  test('is not opened by another console or another game', () => {
    const body = { ...sealResponse(payload, { ...storeKeys, random }) }

    expect(openResponse(body, { ...consoleKeys, gamerPrivateKey: stranger.privateKey })).toMatchObject({ fault: 'outer' })
    expect(openResponse(body, { ...consoleKeys, applicationPublicKey: stranger.publicKey })).toMatchObject({ fault: 'inner' })
  })

  test('may carry its blob as "payload", which the console prefers', () => {
    const { blob, iv, key } = sealResponse(payload, { ...storeKeys, random })

    expect(openResponse({ blob: 'not this', payload: blob, iv, key }, consoleKeys)).toMatchObject({ ok: true, payload })
  })

  test.each(['', '[]', '{"error":{"code":9000,"message":"New keys please"}}'])('%j is no envelope', (body) => {
    expect(openResponse(body, consoleKeys)).toMatchObject({ ok: false, fault: 'no-envelope', layers: [] })
  })
})

test('no form and no text inside makes opening throw', () => {
  const field = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  )
  const random128 = fc.uint8Array({ minLength: 128, maxLength: 128 }).map((bytes) => Buffer.from(bytes).toString('base64'))
  const anyForm = fc.record({ key: fc.oneof(field, random128), iv: field, blob: field })
  const insides = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.json(),
    anyForm.map((form) => JSON.stringify(form)),
    deepText(),
  )
  fc.assert(
    fc.property(fc.oneof(anyForm, insides.map(outerOver)), (form) => {
      const request = openRequest(form, storeKeys)
      const response = openResponse(form, consoleKeys)
      for (const opened of [request, response]) expect(opened.ok || opened.reason.length > 0).toBe(true)
    }),
  )
})

function workedForm() {
  const form = new URLSearchParams(workedExample.request_form_body)
  return { key: form.get('key') ?? '', iv: form.get('iv') ?? '', blob: form.get('blob') ?? '' }
}

function sealed() {
  return sealRequest(payload, { ...consoleKeys, random: seededBytes('sealed') }).form
}

/** An outer layer that opens with the gamer's key, over a text of the test's choice. */
function outerOver(text: string) {
  const key = Buffer.alloc(16, 1)
  const iv = Buffer.alloc(16, 2)
  return base64Of({ key: wrapWithPrivate(key, gamer.privateKey), iv, blob: encryptBlob(text, key, iv) })
}

function base64Of({ key, iv, blob }: { key: Buffer; iv: Buffer; blob: Buffer }) {
  return { key: key.toString('base64'), iv: iv.toString('base64'), blob: blob.toString('base64') }
}

function deepText(): fc.Arbitrary<string> {
  return fc.nat(20_000).map((depth) => '{"key":'.repeat(depth + 1))
}
