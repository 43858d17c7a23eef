import { createPublicKey } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { developmentKeys } from '../../src/pki/keys.js'
import { mint, verify } from '../../src/receipts/google-play.js'
import {
  googlePlayPayload,
  parseUnityContainer,
  readUnityPayload,
  samsungPayload,
  unityContainer,
  type UnityPayload,
} from '../../src/receipts/unity.js'
import { seededBytes } from './seeded-bytes.js'

const { googlePlay, foreign } = developmentKeys()
const signed = mint(
  { packageName: 'com.example.game', productId: 'gems.10' },
  { key: googlePlay, foreignKey: foreign, now: new Date('2026-01-01T00:00:00.000Z'), random: seededBytes('unity') },
)
const payload = googlePlayPayload(signed.purchaseData, signed.signature)

describe('a Google Play container', () => {
  test('gives back the signed text and its signature', () => {
    const read = payloadOf(unityContainer('GooglePlay', 'GPA.1', payload))

    expect(read).toEqual({ kind: 'google-play', json: signed.purchaseData, signature: signed.signature, skuDetails: [] })
    expect(read.kind === 'google-play' && verify(read.json, read.signature, createPublicKey(googlePlay)).ok).toBe(true)
  })

  test.each([
    ['as Unity 4.x orders it', JSON.stringify({ Payload: payload, Store: 'GooglePlay', TransactionID: 'GPA.1' })],
    ['without a transaction id', JSON.stringify({ Store: 'GooglePlay', Payload: payload })],
    ['with its transaction id misspelt', JSON.stringify({ Store: 'GooglePlay', TransactonID: 'GPA.1', Payload: payload })],
    ['with a number as transaction id', JSON.stringify({ Store: 'GooglePlay', TransactionID: 1, Payload: payload })],
    ['with escaped slashes at each level', unityContainer('GooglePlay', 'GPA.1', payload.replaceAll('/', '\\/')).replaceAll('/', '\\/')],
    ['spread over lines', JSON.stringify({ Store: 'GooglePlay', TransactionID: 'GPA.1', Payload: payload }, null, 2)],
    [
      'merged with the purchase, as the Android SDK builds it',
      JSON.stringify({ ...JSON.parse(signed.purchaseData), Store: 'GooglePlay', TransactionID: 'token', Payload: payload }),
    ],
  ])('is read %s', (_how, text) => {
    expect(payloadOf(text)).toMatchObject({ kind: 'google-play', json: signed.purchaseData, signature: signed.signature })
  })

  test.each([
    ['a text', '{"sku":"gems.10"}', ['{"sku":"gems.10"}']],
    ['a list of texts', ['{"a":1}', '{"b":2}'], ['{"a":1}', '{"b":2}']],
    ['something else', 7, []],
  ])('takes skuDetails that is %s', (_what, skuDetails, expected) => {
    const text = JSON.stringify({ skuDetails, isPurchaseHistorySupported: true, signature: signed.signature, json: signed.purchaseData })

    expect(payloadOf(unityContainer('GooglePlay', 'GPA.1', text))).toMatchObject({ kind: 'google-play', skuDetails: expected })
  })

  test('without a signature still shows the purchase', () => {
    const read = payloadOf(unityContainer('GooglePlay', 'GPA.1', JSON.stringify({ json: signed.purchaseData })))

    expect(read).toMatchObject({ kind: 'google-play', signature: '' })
  })
})

test('an App Store container gives back the receipt', () => {
  expect(payloadOf('{"Store":"AppleAppStore","TransactionID":"1","Payload":"MIIT\\/+=="}')).toEqual({
    kind: 'app-store',
    receipt: 'MIIT/+==',
  })
})

test('a Samsung container gives back the purchase id', () => {
  expect(payloadOf(unityContainer('SamsungApps', 'P-1', samsungPayload('abc')))).toEqual({ kind: 'samsung', purchaseId: 'abc' })
})

describe('a store that can be verified, with nothing to verify,', () => {
  test.each([
    ['GooglePlay', undefined, 'the payload is absent; Unity writes it as JSON text'],
    ['GooglePlay', { json: '{}', signature: 'x' }, 'the payload is an object; Unity writes it as JSON text'],
    ['GooglePlay', '{"signature":"x"}', 'the payload\'s "json" is absent; it should be the signed text'],
    ['GooglePlay', '{"json":{},"signature":"x"}', 'the payload\'s "json" is an object; it should be the signed text'],
    ['GooglePlay', 'text', expect.stringContaining('the payload is not JSON')],
    ['AppleAppStore', undefined, 'the payload is absent; it should be the receipt in Base64'],
    ['AppleAppStore', '', 'the payload is empty; it should be the receipt in Base64'],
    ['AppleAppStore', 5, 'the payload is a number; it should be the receipt in Base64'],
    ['SamsungApps', null, 'the payload is null; Unity writes it as JSON text'],
    ['SamsungApps', '[]', 'the payload is JSON, but an array in place of an object'],
    ['SamsungApps', '{"purchaseId":""}', 'the payload\'s "purchaseId" is empty'],
  ])('%s with %j, is unusable', (Store, Payload, reason) => {
    expect(payloadOf(JSON.stringify({ Store, Payload }))).toEqual({ kind: 'unusable', reason })
  })
})

describe('a store that cannot be verified', () => {
  test.each(['WinRT', 'UDP', 'MoolahAppStore', 'XiaomiMiPay', 'fake', 'googleplay', ''])('%j hands its payload on', (store) => {
    expect(payloadOf(unityContainer(store, '1', '<Receipt/>'))).toEqual({ kind: 'other', payload: '<Receipt/>' })
  })

  test('Amazon shows the members of its payload', () => {
    const text = '{"receiptId":"r","userId":"u","isSandbox":true,"productJson":"{}","receiptJson":"{}"}'

    expect(payloadOf(unityContainer('AmazonApps', 'r', text))).toMatchObject({
      kind: 'amazon',
      members: { receiptId: 'r', isSandbox: true },
    })
  })

  test('the Mac App Store shows its receipt', () => {
    expect(payloadOf(unityContainer('MacAppStore', '1', 'MIIT'))).toEqual({ kind: 'mac-app-store', receipt: 'MIIT' })
  })
})

describe('the store', () => {
  test('is the one in the container, whatever the caller says', () => {
    expect(parseUnityContainer('{"Store":"fake"}', 'GooglePlay')).toMatchObject({ kind: 'container', store: 'fake' })
  })

  test.each(['{}', '{"Store":""}', '{"Store":7}'])('is that of the caller where the container is %s', (text) => {
    expect(parseUnityContainer(text, 'SamsungApps')).toMatchObject({ kind: 'container', store: 'SamsungApps' })
  })

  test('is unknown if neither the container nor the caller names one', () => {
    expect(parseUnityContainer('{"Payload":"x"}')).toMatchObject({ kind: 'container', store: undefined, payload: 'x' })
  })
})

test('a container that is already parsed is read as well', () => {
  expect(parseUnityContainer({ Store: 'fake', TransactionID: '1', Payload: 'x' })).toMatchObject({ store: 'fake', transactionId: '1' })
})

test.each(['', 'MIIT', '[]', '"{}"', '7', '{"Store":', `{"a":${'['.repeat(500_000)}`])('%.20j is no container', (text) => {
  expect(parseUnityContainer(text, 'GooglePlay').kind).toBe('not-json')
})

test('no text makes a reader throw, at any level', () => {
  const stores = fc.constantFrom('GooglePlay', 'AppleAppStore', 'SamsungApps', 'AmazonApps', 'MacAppStore', 'WinRT')
  const inner = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.jsonValue(), deepText())
  const texts = fc.tuple(stores, inner).map(([Store, Payload]) => JSON.stringify({ Store, Payload }))
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), deepText(), texts), (text) => {
      const container = parseUnityContainer(text, 'GooglePlay')
      if (container.kind === 'container') expect(readUnityPayload(container).kind).toEqual(expect.any(String))
    }),
  )
})

test('a payload with thousands of levels is unusable, not fatal', () => {
  const text = `{"json":${'{"json":'.repeat(20_000)}1${'}'.repeat(20_000)}}`

  expect(payloadOf(unityContainer('GooglePlay', '1', text))).toEqual({
    kind: 'unusable',
    reason: 'the payload nests deeper than 64 levels',
  })
})

function payloadOf(text: string): UnityPayload {
  const container = parseUnityContainer(text)
  if (container.kind !== 'container') throw new Error(container.reason)
  return readUnityPayload(container)
}

function deepText(): fc.Arbitrary<string> {
  return fc.tuple(fc.nat(50_000), fc.constantFrom('[', '{"a":', '{"Store":[')).map(([depth, opening]) => opening.repeat(depth))
}
