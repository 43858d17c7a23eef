import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { aSandbox } from '../support/sandbox.js'

interface Verifier {
  verifyReceipt(purchaseData: string, signature: string): boolean
}
const IABVerifier = createRequire(import.meta.url)('iab_verifier') as new (licenseKey: string) => Verifier

async function mint(body: object) {
  const sandbox = await aSandbox()
  const request = { packageName: 'com.example.game', productId: 'gems.10', ...body }
  return (await sandbox.control('POST', 'receipts/google_play', request)) as { purchaseData: string; signature: string; licenseKey: string }
}

test('a third-party verifier accepts a minted Google Play purchase', async () => {
  const { purchaseData, signature, licenseKey } = await mint({})

  expect(new IABVerifier(licenseKey).verifyReceipt(purchaseData, signature)).toBe(true)
})

test.each(['signature', 'data', 'key'])('a third-party verifier refuses a purchase with tampered %s', async (tamper) => {
  const { purchaseData, signature, licenseKey } = await mint({ tamper })

  expect(new IABVerifier(licenseKey).verifyReceipt(purchaseData, signature)).toBe(false)
})
