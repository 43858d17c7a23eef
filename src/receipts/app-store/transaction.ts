import { sign } from 'node:crypto'
import { Malformed, readElement } from '../../pki/asn1.js'
import { decodeBase64 } from '../../pki/base64.js'
import { commonNameOf, issuerNameOf, parseCertificate, publicKeyOf, type ParsedCertificate } from '../../pki/parsed-certificate.js'
import { verdict, type Check, type Verdict } from '../verdict.js'
import { environmentOf, expectationChecks, type AppStoreClaims, type AppStoreExpectation } from './claims.js'
import type { TransactionRequest } from './mint-request.js'
import { completePurchase, type MintContext } from './purchase.js'
import { readPropertyList, writePropertyList } from './property-list.js'
import { isReceiptKey, rsaSignatureHolds } from '../rsa-signature.js'
import { purchaseEntries, purchaseItem } from './transaction-fields.js'
import { chainCheck, isIssuedByKey, type PreparedTrust } from './trust.js'
import type { MintedReceipt } from './unified.js'

/** Judges a transaction receipt: an old-style property list around another one, signed with SHA-1. Never throws. */
export function verifyTransaction(receipt: Uint8Array, trust: PreparedTrust, expect?: AppStoreExpectation): Verdict<AppStoreClaims> {
  const read = readTransaction(receipt)
  if (!read.ok) return verdict([{ name: 'parse', ok: false, detail: read.reason }])
  const { blob, purchaseInfo, claims } = read
  const parse: Check = { name: 'parse', ok: true, detail: `transaction receipt, signature blob version ${blob.version}` }
  return verdict(
    [parse, signatureCheck(blob, purchaseInfo), issuerCheck(blob.certificate, trust), ...expectationChecks(claims, expect)],
    claims,
  )
}

/** Mints a transaction receipt; its signer is issued directly by the root, which the receipt does not carry. */
export function mintTransaction(request: TransactionRequest, { material, now, random }: MintContext): MintedReceipt {
  const { tamper, version = 3, environment = 'Production', bundleId } = request
  const purchase = completePurchase(request.item, { now, random })
  const infoOf = (quantity: number) =>
    Buffer.from(writePropertyList(purchaseEntries({ ...purchase, quantity }, { bundleId, appVersion: request.appVersion ?? '1.0' })))
  const signed = infoOf(purchase.quantity)
  const { key, certificate } = (tamper === 'key' ? material.foreign.transaction : material.transaction)[version]
  const signature = sign('sha1', coveredBytes(version, signed), key)
  if (tamper === 'signature') signature[signature.length >> 1]! ^= 1
  const blob = writeBlob(version, signature, derInPem(certificate))
  const info = tamper === 'data' ? infoOf(purchase.quantity + 1) : signed
  const outer = writePropertyList([
    ['signature', blob.toString('base64')],
    ['purchase-info', info.toString('base64')],
    // Genuine production receipts have no such key.
    ...(environment === 'Production' ? [] : [['environment', 'Sandbox'] as const]),
    ['pod', '100'],
    ['signing-status', '0'],
  ])
  return { receipt: Buffer.from(outer).toString('base64'), transactionIds: [purchase.transactionId] }
}

interface SignatureBlob {
  version: 2 | 3
  signature: Buffer
  certificate: ParsedCertificate
}

type Read = { ok: true; blob: SignatureBlob; purchaseInfo: Buffer; claims: AppStoreClaims } | { ok: false; reason: string }

function readTransaction(receipt: Uint8Array): Read {
  try {
    const outer = readPropertyList(Buffer.from(receipt).toString('utf8'))
    const purchaseInfo = bytesIn(outer, 'purchase-info')
    const blob = readBlob(bytesIn(outer, 'signature'))
    const receiptType = outer.get('environment')
    const { bundleId, appVersion, item } = purchaseItem(readPropertyList(purchaseInfo.toString('utf8')))
    const claims: AppStoreClaims = {
      style: 'transaction',
      // The key is not covered by the signature; without it a receipt is from production.
      environment: environmentOf(receiptType ?? 'Production'),
      receiptType,
      bundleId,
      appVersion,
      items: [item],
    }
    return { ok: true, blob, purchaseInfo, claims }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, reason: error.message }
    throw error
  }
}

function bytesIn(list: Map<string, string>, name: string): Buffer {
  const text = list.get(name)
  if (text === undefined) throw new Malformed(`the property list has no ${name}`)
  const decoded = decodeBase64(text)
  if (!decoded.ok) throw new Malformed(`${name} ${decoded.reason}`)
  return decoded.bytes
}

// By blob version; the certificate follows after its length in four bytes, big end first.
const signatureLengths = new Map([
  [2, 128],
  [3, 256],
] as const)

function readBlob(bytes: Buffer): SignatureBlob {
  const version = bytes[0]
  if (version !== 2 && version !== 3) throw new Malformed(`the signature blob has version ${version}; 2 and 3 are known`)
  const start = 1 + signatureLengths.get(version)!
  if (bytes.length < start + 4) throw new Malformed(`the signature blob ends after ${bytes.length} bytes, within the signature`)
  const length = bytes.readUInt32BE(start)
  const certificate = bytes.subarray(start + 4)
  if (certificate.length !== length)
    throw new Malformed(`the signature blob names a certificate of ${length} bytes and holds ${certificate.length}`)
  return { version, signature: bytes.subarray(1, start), certificate: parseCertificate(readElement(certificate)) }
}

function writeBlob(version: number, signature: Buffer, certificate: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(certificate.length)
  return Buffer.concat([Buffer.from([version]), signature, length, certificate])
}

function coveredBytes(version: number, purchaseInfo: Buffer): Buffer {
  return Buffer.concat([Buffer.from([version]), purchaseInfo])
}

function signatureCheck({ version, signature, certificate }: SignatureBlob, purchaseInfo: Buffer): Check {
  const name = commonNameOf(certificate)
  const key = publicKeyOf(certificate)
  const bits = signature.length * 8
  if (!isReceiptKey(key) || key.asymmetricKeyDetails?.modulusLength !== bits) {
    return { name: 'signature', ok: false, detail: `version ${version} needs an RSA key of ${bits} bits, ${name} has another` }
  }
  const ok = rsaSignatureHolds('sha1', coveredBytes(version, purchaseInfo), { key, signature })
  const detail = ok ? `signed by ${name}, RSA with SHA1` : `the signature does not fit purchase-info and the key of ${name}`
  return { name: 'signature', ok, detail }
}

/** Receipts of this style bring no issuers along: one must be trusted by certificate or by bare key. */
function issuerCheck(certificate: ParsedCertificate, trust: PreparedTrust): Check {
  if (isIssuedByKey(certificate, trust.keys)) {
    return { name: 'chain', ok: true, detail: `${commonNameOf(certificate)} < ${issuerNameOf(certificate)}` }
  }
  return chainCheck(certificate, [], trust)
}

function derInPem(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[A-Z ]+-----/g, ''), 'base64')
}
