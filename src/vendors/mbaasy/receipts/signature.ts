import { createPublicKey } from 'node:crypto'
import { readAppStoreReceipt, type AppStoreVerdict } from '../../../receipts/app-store/read.js'
import { verify } from '../../../receipts/google-play.js'
import type { Keyring } from '../../../receipts/keyring.js'
import { firstFailure } from '../../../receipts/verdict.js'
import { appStoreDevelopment } from '../../../receipts/app-store/development.js'
import { builtInTrust, prepareTrust, type PreparedTrust } from '../../../receipts/app-store/trust.js'
import { signedOrderExample } from '../examples.js'
import type { OrderUpload } from '../orders/upload.js'
import type { AppStoreApp, PlayStoreApp } from '../tables.js'

/** Reason why the signature of an order is invalid; with the text that was signed if the data are another spelling of it. */
export interface SignatureError {
  reason: string
  signedText?: string | undefined
}

/** Returns why the signature of an order is invalid; undefined if it is valid or not needed. */
export function orderSignatureError(keys: Keyring, { signed }: OrderUpload, app: PlayStoreApp): SignatureError | undefined {
  if (!signed) return undefined
  const key = keys.licenseKey(app.licenseKey)
  // The table refuses an invalid key, so only a row of an older version can have one.
  if (!key.ok) return { reason: `the licence key of ${app.packageName} ${key.reason}` }
  const { checks, signedText } = verify(signed.text, signed.signature, key.key)
  const failure = firstFailure(checks)
  return failure && { reason: failure.detail, signedText }
}

/** True if the signature of an order is that of the example of the documents, which is often changed by hand. */
export function isSignatureOfExample(keys: Keyring, { signed }: OrderUpload, app: PlayStoreApp): boolean {
  const key = keys.licenseKey(app.licenseKey)
  if (!signed || !key.ok) return false
  const { checks } = verify(signedOrderExample.purchase_data, signed.signature, key.key)
  return firstFailure(checks) === undefined
}

/** True if the sandbox can sign purchases of an app: it has the private half of the app's licence key. */
export function isMintable(keys: Keyring, { licenseKey }: PlayStoreApp): boolean {
  const key = keys.licenseKey(licenseKey)
  return key.ok && createPublicKey(keys.development.googlePlay).equals(key.key)
}

/** Verifies a receipt with the roots that its app trusts; without an app, with those that every app trusts. */
export function judgeReceipt(keys: Keyring, receipt: string, app?: AppStoreApp): AppStoreVerdict {
  return readAppStoreReceipt(receipt, { trust: trustOf(keys, app?.roots) })
}

/** Returns the reason why a receipt is not proven genuine; undefined if it is. Receipts of Xcode have no trusted signer and are accepted if the app allows them. */
export function receiptSignatureError({ checks, claims }: AppStoreVerdict, { allowXcode = false }: AppStoreApp): string | undefined {
  const isXcode = allowXcode && claims?.receiptType === 'Xcode'
  return checks.find(({ name, ok }) => ok !== true && !(isXcode && name === 'chain'))?.detail
}

/** Returns the roots of trust for an app's receipts: Apple, the sandbox, and the app's own roots. */
function trustOf(keys: Keyring, roots: readonly string[] = []): PreparedTrust {
  return keys.prepared(`app store trust\n${roots.join('\n')}`, () => {
    const builtIn = builtInTrust(appStoreDevelopment().root)
    return prepareTrust({ ...builtIn, roots: [...builtIn.roots, ...roots] })
  })
}
