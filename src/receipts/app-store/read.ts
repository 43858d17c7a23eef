import { decodeBase64 } from '../../pki/base64.js'
import { verdict, type Verdict } from '../verdict.js'
import type { AppStoreClaims, AppStoreExpectation } from './claims.js'
import { formClause } from '../forms.js'
import { looksLikePropertyList } from './property-list.js'
import { looksLikeSignedData } from './signed-data.js'
import { verifyTransaction } from './transaction.js'
import type { PreparedTrust } from './trust.js'
import { verifyUnified } from './unified.js'

/** A verdict, and which of Apple's two receipt styles was recognised; `neither` never holds claims. */
export type AppStoreVerdict = Verdict<AppStoreClaims> & { style: 'unified' | 'transaction' | 'neither' }

/**
 * Judges any App Store receipt given as Base64, in lines or not, padded or not. Never throws; the caller bounds the size.
 *
 * @example readAppStoreReceipt(text, { trust: prepareTrust(builtInTrust(root)), expect: { bundleId: 'com.example.game' } })
 */
export function readAppStoreReceipt(
  base64: string,
  { trust, expect }: { trust: PreparedTrust; expect?: AppStoreExpectation },
): AppStoreVerdict {
  const decoded = decodeBase64(padded(joined(base64)))
  if (!decoded.ok) return neither(`${decoded.reason}${formClause(base64)}`)
  const { bytes } = decoded
  if (looksLikePropertyList(bytes)) return { style: 'transaction', ...verifyTransaction(bytes, trust, expect) }
  if (looksLikeSignedData(bytes)) return { style: 'unified', ...verifyUnified(bytes, trust, expect) }
  return neither(`is neither PKCS#7 SignedData nor a property list${formClause(base64)}`)
}

function neither(reason: string): AppStoreVerdict {
  return { style: 'neither', ...verdict<AppStoreClaims>([{ name: 'parse', ok: false, detail: `the receipt ${reason}` }]) }
}

/**
 * Joins lines without their indentation. A space within a line stays, because it is the sign of a lost plus, and so does a byte order mark
 * or another blank that is not ASCII, which no line wrap adds.
 */
function joined(text: string): string {
  return /\s/.test(text) && !/[\u0080-\uffff]/.test(text)
    ? text
        .split('\n')
        .map((line) => line.trim())
        .join('')
    : text
}

/** Base64 with the padding that some encoders leave out; the vendor's own decoder does not ask for it. */
function padded(text: string): string {
  const missing = text.endsWith('=') ? 0 : (4 - (text.length % 4)) % 4
  return missing === 3 ? text : text + '='.repeat(missing)
}
