import { ReceiptUtility } from '@apple/app-store-server-library'
import { expect, test } from 'vitest'
import { appStoreRequest } from '../../src/receipts/app-store/mint-request.js'
import { mintAppStore } from '../../src/receipts/app-store/mint.js'
import { aContext, bundleId } from './app-store-kit.js'

// Receipts of Xcode are left out: the library's way of reading indefinite lengths fails with the jsrsasign it brings along.
const apple = new ReceiptUtility()

function mint(body: object) {
  return mintAppStore(appStoreRequest.parse({ bundleId, productId: 'gems.10', ...body }), aContext())
}

// client: @apple/app-store-server-library | `ReceiptUtility` | nothing: it reads minted receipts of both styles
test.each(['sha1', 'sha256'])('Apple’s own library finds the transaction in a minted unified receipt (%s)', (digest) => {
  const { receipt, transactionId } = mint({ digest })
  expect(apple.extractTransactionIdFromAppReceipt(receipt)).toBe(transactionId)
})

test('Apple’s own library finds the first of many transactions', () => {
  const items = Array.from({ length: 50 }, (_, index) => ({ productId: `p${index}`, type: 3 }))
  const { receipt, transactionId } = mint({ items })
  expect(apple.extractTransactionIdFromAppReceipt(receipt)).toBe(transactionId)
})

test.each([2, 3])('Apple’s own library finds the transaction in a minted transaction receipt (blob version %i)', (version) => {
  const { receipt, transactionId } = mint({ style: 'transaction', version })
  expect(apple.extractTransactionIdFromTransactionReceipt(receipt)).toBe(transactionId)
})

test('Apple’s own library finds no transaction in a receipt without purchases of another style', () => {
  expect(apple.extractTransactionIdFromTransactionReceipt(mint({}).receipt)).toBeNull()
})
