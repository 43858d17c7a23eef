import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { parseLicenseKey, parsePrivateKey, parsePublicKey, type ParsedKey } from '../pki/rsa-key.js'
import { parseEcPublicKey } from '../pki/ec-key.js'
import { certificatesInPem } from '../pki/parsed-certificate.js'

/** A member of a row for the licence key of a Play Console app. A text that is no such key is refused when the row is written. */
export const licenseKeyField = fitting('key', (text) => {
  const reason = reasonOf(parseLicenseKey(text))
  if (reason === undefined) return undefined
  const isPrivate = parsePrivateKey(text).ok
  return `${isPrivate ? 'is a private key' : reason}. Give the licence key as the Play Console shows it: the Base64 of an RSA public key`
})

/** A member of a row for a root certificate. */
export const rootField = fitting('root', (text) => {
  // Node reads a right one at once; our own reader, which loads a library, finds the reason for a wrong one.
  if (isReadByNode(text)) return undefined
  const read = certificatesInPem(text)
  return read.ok ? undefined : `${read.reason}. Give the certificate as PEM, from "-----BEGIN CERTIFICATE-----" on`
})

/** A member of a row for an RSA public key. */
export const publicKeyField = fitting('key', (text) => {
  const reason = reasonOf(parsePublicKey(text))
  return reason === undefined ? undefined : `${reason}. Give an RSA public key as PEM, "BEGIN PUBLIC KEY"`
})

/** A member of a row for a P-256 public key. */
export const ecPublicKeyField = fitting('key', (text) => {
  const read = parseEcPublicKey(text)
  return read.ok ? undefined : `${read.reason}. Give a P-256 public key as PEM, "BEGIN PUBLIC KEY"`
})

/** A member of a row for an RSA private key. */
export const privateKeyField = fitting('key', (text) => {
  const reason = reasonOf(parsePrivateKey(text))
  return reason === undefined ? undefined : `${reason}. Give an unencrypted RSA private key: PKCS#8, as PEM or as the Base64 of its DER`
})

function isReadByNode(text: string): boolean {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.map((block) => new X509Certificate(block)).length > 0
  } catch {
    return false
  }
}

/** A text with a check that says what is wrong with it, worded to follow "the key ". */
function fitting(noun: string, faultOf: (text: string) => string | undefined): z.ZodString {
  return z.string().superRefine((text, context) => {
    const fault = faultOf(text)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: `The ${noun} ${fault}.` })
  })
}

function reasonOf(parsed: ParsedKey): string | undefined {
  return parsed.ok ? undefined : parsed.reason
}
