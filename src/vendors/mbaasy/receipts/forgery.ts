import { readAppStoreReceipt, type AppStoreVerdict } from '../../../receipts/app-store/read.js'
import { verify } from '../../../receipts/google-play.js'
import type { Keyring } from '../../../receipts/keyring.js'
import { firstFailure } from '../../../receipts/verdict.js'
import { trustOf } from './app-store-trust.js'
import type { OrderUpload } from '../orders/upload.js'
import type { AppStoreApp, PlayStoreApp } from '../tables.js'

/** Why the signature of an order does not fit its data; undefined when it does, or when none is needed. */
export function forgeryInOrder(keys: Keyring, { signed }: OrderUpload, app: PlayStoreApp): string | undefined {
  if (!signed) return undefined
  const key = keys.licenseKey(app.licenseKey)
  // The table refuses a key that cannot be used, so this is a row of an older version at most.
  if (!key.ok) return `the licence key of ${app.packageName} ${key.reason}`
  const { checks } = verify(signed.text, signed.signature, key.key)
  return firstFailure(checks)?.detail
}

/** A receipt judged by whom its app trusts; before the app is known, by whom every app trusts. */
export function judgeReceipt(keys: Keyring, receipt: string, app?: AppStoreApp): AppStoreVerdict {
  return readAppStoreReceipt(receipt, { trust: trustOf(keys, app?.roots) })
}

/** Why a receipt is not genuine; undefined when it is. Xcode's are signed by nobody that could be trusted, and taken where the app says so. */
export function forgeryIn({ checks, claims }: AppStoreVerdict, { allowXcode = false }: AppStoreApp): string | undefined {
  const isXcode = allowXcode && claims?.receiptType === 'Xcode'
  return checks.find(({ name, ok }) => ok !== true && !(isXcode && name === 'chain'))?.detail
}
