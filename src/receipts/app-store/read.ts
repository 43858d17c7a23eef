import { decodeBase64 } from '../../pki/base64.js'
import { verdict, type Verdict } from '../verdict.js'
import type { AppStoreClaims, AppStoreExpectation } from './claims.js'
import { looksLikePropertyList } from './property-list.js'
import { verifyTransaction } from './transaction.js'
import type { PreparedTrust } from './trust.js'
import { verifyUnified } from './unified.js'

/** A verdict, and which of Apple's two receipt styles was recognised; `neither` never holds claims. */
export type AppStoreVerdict = Verdict<AppStoreClaims> & { style: 'unified' | 'transaction' | 'neither' }

/**
 * Judges any App Store receipt given as Base64, wrapped or not. Never throws, and looks at no more than 4 MiB of text.
 *
 * @example readAppStoreReceipt(text, { trust: prepareTrust(builtInTrust(root)), expect: { bundleId: 'com.example.game' } })
 */
export function readAppStoreReceipt(
  base64: string,
  { trust, expect }: { trust: PreparedTrust; expect?: AppStoreExpectation },
): AppStoreVerdict {
  if (base64.length > longestText) return neither(`is ${base64.length} characters long, at most ${longestText} are read`)
  const decoded = decodeBase64(unwrapped(base64))
  if (!decoded.ok) return neither(decoded.reason)
  const { bytes } = decoded
  if (looksLikePropertyList(bytes)) return { style: 'transaction', ...verifyTransaction(bytes, trust, expect) }
  if (looksLikeSignedData(bytes)) return { style: 'unified', ...verifyUnified(bytes, trust, expect) }
  return neither('is neither PKCS#7 SignedData nor a property list')
}

const longestText = 4 * 1024 * 1024
const signedDataOid = Buffer.from('06092a864886f70d010702', 'hex')

function neither(reason: string): AppStoreVerdict {
  return { style: 'neither', ...verdict<AppStoreClaims>([{ name: 'parse', ok: false, detail: `the receipt ${reason}` }]) }
}

/** Lines put together again, whatever they were indented with. A space within a line stays: it tells of a lost plus sign. */
function unwrapped(text: string): string {
  return /\s/.test(text)
    ? text
        .split('\n')
        .map((line) => line.trim())
        .join('')
    : text
}

/** A SEQUENCE whose first element, after at most six bytes of head, says what it is. */
function looksLikeSignedData(bytes: Buffer): boolean {
  const at = bytes.subarray(0, 6 + signedDataOid.length).indexOf(signedDataOid)
  return bytes[0] === 0x30 && at >= 2
}
