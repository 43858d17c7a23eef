import { createPublicKey, type KeyObject } from 'node:crypto'
import { certificatesInPem, commonNameOf, issuerNameOf, publicKeyOf, type ParsedCertificate } from '../../pki/parsed-certificate.js'
import type { Check } from '../verdict.js'

/** Whom to believe: certificates, fingerprints of certificates that receipts bring along, and bare keys for transaction receipts. */
export interface AppStoreTrust {
  /** PEM; a text may hold several certificates. */
  roots: readonly string[]
  /** SHA-256, hexadecimal, with or without colons. */
  fingerprints?: readonly string[]
  /** Base64 SubjectPublicKeyInfo of authorities whose certificate is in no receipt. */
  keys?: readonly string[]
}

/** Trust made ready for any number of receipts; make it once and keep it. */
export interface PreparedTrust {
  roots: readonly ParsedCertificate[]
  fingerprints: ReadonlySet<string>
  keys: readonly KeyObject[]
  /** Roots that could not be used, in words. */
  unusable: readonly string[]
}

/** Apple Root CA, which genuine unified receipts carry. */
export const appleRootFingerprint = 'B0B1730ECBC7FF4505142C49F1295E6EDA6BCAED7E2C68C5BE91B5A11001F024'

/** The key of the iTunes Store authority: it issued the signers of transaction receipts and is in none of them. */
export const itunesStoreKey =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEApLyvMpRDPgu8N4fNY4nyzNm+IE1atP6HZ9Ka3hpUnaLz34fkTMuTEXigMI80QcHTvmZtR2yYuOx61cnd' +
  'peTqxnD0NdCR97PYChGZqzpiOr179FZP258kk1FQfCDVZk1m8xikE5YiFv0xp/Q5Zpv7YmlcS5+UqEvo7FtkWhh5ihZ1Y0KkSdmMM96te9Y5BPTinQppjOtLEihL' +
  'NEgHmw5Z+R9isAOfNrhOo9N1WdTzOgXKxTM7+MAGCQiT2+dNvxHzUiylFjUV80ECzQLR/PX4xYS9Y2qG1raZ9oauX/0D1CiKWl2vvGV00fcaw5II9BytaegCTA6V' +
  'FQe8vmpvwbOtoQIDAQAB'

/**
 * The key of Apple Worldwide Developer Relations: it issued the signers of transaction receipts since spring 2016 (signature blob
 * version 3) and is in none of them.
 */
export const developerRelationsKey =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyjhUpstWqsgkOUjpjO7sX7h/JpG8NFN6znxjgGF3ZF6lByO2Of5QLRVWWHAtfsRuwUqFPi/w3oQaoVfJ' +
  'r3sY/2r6FRJJFQgZrKrbKjLtlmNoUhU9jIrsv2sYleADrAF9lwVnzg6FlTdq7Qm2rmfNUWSfxlzRvFduZzWAdjakh4FuOI/YKxVOeyXYWr9Og8GN0pPVGnG1YJyd' +
  'M05V+RJYDIa4Fg3B5XdFjVBIuist5JSF4ejEncZopbCj/Gd+cLoCWUt3QpE5ufXN4UzvwDtIjKblIV39amq7pxY1YNLmrfNGKcnow4vpecBqYWcVsvD95Wi8Yl9u' +
  'z5nd7xtj/pJlqwIDAQAB'

/** Trust that needs no configuration: Apple, and the sandbox's own root. */
export function builtInTrust(ownRoot: string): AppStoreTrust {
  return { roots: [ownRoot], fingerprints: [appleRootFingerprint], keys: [itunesStoreKey, developerRelationsKey] }
}

/** Parses trust; what cannot be used is named in `unusable` and otherwise left out. */
export function prepareTrust({ roots, fingerprints = [], keys = [] }: AppStoreTrust): PreparedTrust {
  const unusable: string[] = []
  const parsedRoots = roots.flatMap((text, index) => {
    const read = certificatesInPem(text)
    if (read.ok) return read.certificates
    unusable.push(`root ${index + 1} ${read.reason}`)
    return []
  })
  const parsedKeys = keys.flatMap((text, index) => {
    try {
      return [createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })]
    } catch {
      unusable.push(`key ${index + 1} is no SubjectPublicKeyInfo`)
      return []
    }
  })
  const trusted = new Set([...fingerprints.map(plainHex), ...parsedRoots.map(fingerprintOf)])
  return { roots: parsedRoots, fingerprints: trusted, keys: parsedKeys, unusable }
}

/** Follows issuers from a signer through the certificates at hand to something trusted; dates are ignored. */
export function chainCheck(signer: ParsedCertificate, embedded: readonly ParsedCertificate[], trust: PreparedTrust): Check {
  if (trust.fingerprints.size === 0 && trust.keys.length === 0)
    return { name: 'chain', ok: null, detail: because('nothing is trusted', trust) }
  const seen = new Set([signer])
  const paths: ParsedCertificate[][] = [[signer]]
  // The list grows while it is walked: each certificate is reached once, so the walk ends.
  for (const path of paths) {
    const last = path.at(-1)!
    if (trust.fingerprints.has(fingerprintOf(last))) return { name: 'chain', ok: true, detail: namesOf(path) }
    const root = trust.roots.find((candidate) => hasIssued(candidate, last, path.length - 1))
    if (root) return { name: 'chain', ok: true, detail: namesOf([...path, root]) }
    for (const candidate of embedded) {
      if (seen.has(candidate) || path.length >= longestPath || !hasIssued(candidate, last, path.length - 1)) continue
      seen.add(candidate)
      paths.push([...path, candidate])
    }
  }
  return { name: 'chain', ok: false, detail: because(deadEnd(paths.at(-1)!), trust) }
}

/** True if one of the bare trusted keys issued a certificate. */
export function isIssuedByKey({ x509 }: ParsedCertificate, keys: readonly KeyObject[]): boolean {
  return keys.some((key) => isSignedWith(x509, key))
}

const longestPath = 8
const largestModulus = 8192

function hasIssued(issuer: ParsedCertificate, subject: ParsedCertificate, authoritiesBetween: number): boolean {
  if (!issuer.x509.ca || !subject.x509.checkIssued(issuer.x509)) return false
  if (issuer.pathLength !== undefined && issuer.pathLength < authoritiesBetween) return false
  const key = publicKeyOf(issuer)
  return key !== undefined && isSignedWith(subject.x509, key)
}

function isSignedWith(certificate: ParsedCertificate['x509'], key: KeyObject): boolean {
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) > largestModulus) return false
  try {
    return certificate.verify(key)
  } catch {
    return false
  }
}

function deadEnd(path: ParsedCertificate[]): string {
  const last = path.at(-1)!
  const isSelfIssued = last.x509.subject === last.x509.issuer
  const end = isSelfIssued
    ? `${commonNameOf(last)} signed itself and is not trusted`
    : `no certificate of ${issuerNameOf(last)} that signed ${commonNameOf(last)} is in the receipt or trusted`
  const way = path.length > 1 ? ` (${namesOf(path)})` : ''
  return `the issuer is not known: ${end}${way}; add the missing certificate to the roots of the app`
}

function because(text: string, { unusable }: PreparedTrust): string {
  return unusable.length === 0 ? text : `${text} (${unusable.join('; ')})`
}

function namesOf(path: ParsedCertificate[]): string {
  return path.map(commonNameOf).join(' < ')
}

function fingerprintOf({ x509 }: ParsedCertificate): string {
  return plainHex(x509.fingerprint256)
}

function plainHex(text: string): string {
  return text.replaceAll(/[^0-9a-f]/giu, '').toUpperCase()
}
