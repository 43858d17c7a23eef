import { createHash } from 'node:crypto'
import { constructed, derOf, Malformed, tag } from '../../pki/asn1.js'
import { verdict, type Check, type Verdict } from '../verdict.js'
import { environmentOf, expectationChecks, type AppStoreClaims, type AppStoreExpectation } from './claims.js'
import { attribute, inAppCode, itemFields, pickFields, readAttributes, receiptFields, writeFields } from './fields.js'
import type { UnifiedRequest } from './mint-request.js'
import { readDate, unifiedDate, type ReceiptDate } from './receipt-date.js'
import { completePurchases, type MintContext, type Purchase } from './purchase.js'
import { parseSignedData, signatureCheck, type SignedData } from './signed-data.js'
import { chainCheck, type PreparedTrust } from './trust.js'
import { writeSignedData } from './write-signed-data.js'

/** Judges a unified receipt: PKCS#7 SignedData over a set of attributes. Never throws; the caller bounds the size. */
export function verifyUnified(receipt: Uint8Array, trust: PreparedTrust, expect?: AppStoreExpectation): Verdict<AppStoreClaims> {
  const read = readUnified(receipt)
  if (!read.ok) return verdict([{ name: 'parse', ok: false, detail: read.reason }])
  const { signed, claims } = read
  const count = claims.items.length
  const parse: Check = { name: 'parse', ok: true, detail: `unified receipt with ${count} ${count === 1 ? 'purchase' : 'purchases'}` }
  const chain: Check = signed.signer
    ? chainCheck(signed.signer, signed.certificates, trust)
    : { name: 'chain', ok: null, detail: 'there is no certificate of the signer to start from' }
  return verdict([parse, signatureCheck(signed), chain, ...expectationChecks(claims, expect)], claims)
}

/** A minted receipt as Base64, and the transaction ids in it in the order of the wish. */
export interface MintedReceipt {
  receipt: string
  transactionIds: string[]
}

/** Mints a unified receipt; with `tamper` it is one that verifying must refuse. */
export function mintUnified(request: UnifiedRequest, { material, now, random }: MintContext): MintedReceipt {
  const { tamper, environment = 'Production', digest = 'sha256' } = request
  const purchases = completePurchases(request.items, { now, random })
  const receipt: Receipt = {
    bundleId: request.bundleId,
    appVersion: request.appVersion ?? '1.0',
    environment,
    purchases,
    now,
    opaque: random(16),
  }
  const genuine = environment === 'Xcode' ? material.xcode : material.unified
  const bytes = writeSignedData(contentOf(receipt), tamper === 'key' ? material.foreign.unified : genuine, {
    digest,
    isIndefinite: environment === 'Xcode',
    hasBrokenSignature: tamper === 'signature',
    ...(tamper === 'data' ? { replacement: contentOf(altered(receipt)) } : {}),
  })
  return { receipt: bytes.toString('base64'), transactionIds: purchases.map(({ transactionId }) => transactionId) }
}

// Far beyond any genuine receipt; the largest seen had 187.
const mostRecords = 10_000

type Read = { ok: true; signed: SignedData; claims: AppStoreClaims } | { ok: false; reason: string }

function readUnified(receipt: Uint8Array): Read {
  try {
    const signed = parseSignedData(receipt)
    return { ok: true, signed, claims: readClaims(signed.content) }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, reason: error.message }
    throw error
  }
}

function readClaims(content: string): AppStoreClaims {
  const attributes = readAttributes(content, 'the receipt')
  const values = pickFields(receiptFields, attributes, 'the receipt')
  const records = attributes.filter(({ code }) => code === inAppCode)
  if (records.length > mostRecords) throw new Malformed(`${records.length} in-app records, at most ${mostRecords} are read`)
  const items = records.map(({ value }, index) => {
    const what = `in-app record ${index + 1}`
    return pickFields(itemFields, readAttributes(value, what), what)
  })
  // Without attribute 0 a receipt is from production, as the vendor's own decoder reads it.
  return { style: 'unified', environment: environmentOf(values.receiptType ?? 'Production'), ...values, items }
}

interface Receipt {
  bundleId: string
  appVersion: string
  environment: string
  purchases: Purchase[]
  now: Date
  opaque: Buffer
}

function contentOf({ bundleId, appVersion, environment, purchases, now, opaque }: Receipt): Buffer {
  const created = moment(now)
  const fields = writeFields(receiptFields, {
    receiptType: environment,
    bundleId,
    appVersion,
    createdAt: created,
    originalPurchaseDate: created,
    originalAppVersion: appVersion,
  })
  // 4 is an opaque value and 5 a digest over it and the device; the sandbox has no device.
  const device = [attribute(4, opaque), attribute(5, createHash('sha1').update(opaque).update(bundleId).digest())]
  const records = purchases.map((purchase) => attribute(inAppCode, constructed(tag.SET, recordOf(purchase))))
  return derOf(constructed(tag.SET, [...fields, ...device, ...records]))
}

function recordOf({ purchaseDate, originalPurchaseDate, expiresDate, cancellationDate, isIntroOffer, ...rest }: Purchase) {
  return writeFields(itemFields, {
    ...rest,
    purchaseDate: moment(purchaseDate),
    originalPurchaseDate: moment(originalPurchaseDate),
    expiresDate: moment(expiresDate),
    cancellationDate: moment(cancellationDate),
    ...(isIntroOffer ? { isIntroOffer } : {}),
  })
}

/** An absent date is an empty text in a receipt, not a missing attribute. */
function moment(date: Date | undefined): ReceiptDate {
  const text = date ? unifiedDate(date) : ''
  return readDate(text) ?? { text, ms: null }
}

/** The same receipt with one thing changed that a cheat would like changed. */
function altered(receipt: Receipt): Receipt {
  const [first, ...others] = receipt.purchases
  if (!first) return { ...receipt, appVersion: `${receipt.appVersion}.1` }
  return { ...receipt, purchases: [{ ...first, quantity: first.quantity + 1 }, ...others] }
}
