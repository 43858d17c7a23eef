import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { mint, verify } from '../../src/receipts/samsung.js'
import { seededBytes } from './seeded-bytes.js'

const now = new Date('2026-01-01T00:00:00.000Z')

test('a purchase that the store knows under this payment id is accepted', () => {
  const { purchaseId, paymentId } = mint({}, { now, random: seededBytes('samsung') })

  const verdict = verify(purchaseId, paymentId, { paymentId, productId: 'gems.10', app: 'com.example.game' })

  expect(verdict.ok).toBe(true)
  expect(verdict.checks.map((check) => check.name)).toEqual(['parse', 'store', 'transaction'])
  expect(verdict.claims).toEqual({ purchaseId, paymentId, productId: 'gems.10', app: 'com.example.game' })
})

test('minted ids look like those of Samsung In-App Purchase', () => {
  expect(mint({}, { now, random: seededBytes('samsung') })).toEqual({
    purchaseId: expect.stringMatching(/^[0-9a-f]{64}$/),
    paymentId: expect.stringMatching(/^TPMTID20260101KR\d{8}$/),
    orderId: expect.stringMatching(/^S20260101US\d{10}$/),
  })
})

test('a payment id that is given is kept', () => {
  expect(mint({ paymentId: 'P-1' }, { now, random: seededBytes('samsung') }).paymentId).toBe('P-1')
})

test.each([
  ['another payment id', 'id', 'P-2', { paymentId: 'P-1' }, [true, true, false]],
  ['a purchase without a payment id', 'id', 'P-1', {}, [true, true, false]],
  ['a purchase id the store has never seen', 'id', 'P-1', undefined, [true, false]],
  ['a purchase id the store denies', 'id', 'P-1', { paymentId: 'P-1', known: false }, [true, false]],
  ['an empty purchase id', ' ', 'P-1', { paymentId: 'P-1' }, [false]],
  ['a store that cannot be reached', 'id', 'P-1', 'unreachable', [true, null]],
  ['no transaction id to compare with', 'id', undefined, { paymentId: 'P-1' }, [true, true, null]],
] as const)('%s is not accepted', (_what, purchaseId, paymentId, found, checks) => {
  const verdict = verify(purchaseId, paymentId, found)

  expect(verdict.ok).toBe(false)
  expect(verdict.checks.map((check) => check.ok)).toEqual(checks)
})

test('no purchase id makes it throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (purchaseId, paymentId) => {
      expect(verify(purchaseId, paymentId, undefined).ok).toBe(false)
    }),
  )
})
