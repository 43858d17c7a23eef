import { isIP } from 'node:net'
import { createPrivateKey, generateKeyPair, randomBytes, X509Certificate, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { issueCertificate } from '../pki/certificate.js'
import { permittedIn } from '../pki/name-constraints.js'
import { readAuthorityFiles, writeAuthorityFiles, type AuthorityFiles } from './authority-files.js'
import { joined, namesOutside, permits, type PermittedNames } from './permitted-names.js'

/** The local certificate authority of one data directory. Clients trust its certificate; it issues one for every name asked for. */
export interface Authority {
  /** PEM. */
  certificate: string
  permitted: PermittedNames
  /** The one key behind every leaf, PEM: a new name costs a signature and no key generation. */
  leafKey: string
  /** A leaf for names and addresses. @throws RangeError naming the first one that the authority may not speak for */
  issue(names: readonly string[]): Leaf
}

/** A certificate that a TLS server shows. */
export interface Leaf {
  /** PEM. */
  certificate: string
  /** Unix milliseconds. */
  expiresAt: number
}

/** Options for opening an authority. */
export interface AuthorityParts {
  /** `<data>/tls`, or null to keep it in memory. */
  directory: string | null
  /** Names it has to speak for. */
  needed: PermittedNames
  /** Unix milliseconds, real time. */
  now: () => number
  /** Called with the reason why an authority that clients may trust had to be replaced. */
  report: (message: string) => void
  /** Makes an RSA key; tests bring theirs, as making one takes a while. */
  makeKey?: () => Promise<KeyObject>
}

/** The authority of a data directory; a new one where there is none, or none that will do. */
export async function openAuthority({ directory, needed, now, report, makeKey = newKey }: AuthorityParts): Promise<Authority> {
  const files = directory === null ? undefined : readAuthorityFiles(directory)
  const known = files && examine(files, needed, now())
  if (files && known?.ok) return authorityOf(files, known.permitted, now)
  // Earlier names stay, so that taking turns with two settings does not ask for trust at every start.
  const permitted = joined(needed, known?.permitted ?? needed)
  const made = await makeAuthority(permitted, now(), makeKey)
  if (directory !== null) writeAuthorityFiles(directory, made)
  if (known?.ok === false)
    report(`A new certificate authority was made: ${known.reason}. Trust it as the one before: coinslot ca --install-hint …`)
  return authorityOf(made, permitted, now)
}

type Examined = { ok: true; permitted: PermittedNames } | { ok: false; reason: string; permitted?: PermittedNames }

/** True if the authority in these files is still valid and may issue certificates for the names that are needed. */
export function examine(files: AuthorityFiles, needed: PermittedNames, now: number): Examined {
  try {
    if (!new X509Certificate(files.certificate).checkPrivateKey(createPrivateKey(files.key))) {
      return { ok: false, reason: 'its key and its certificate did not belong together' }
    }
    createPrivateKey(files.leafKey)
  } catch (error) {
    return { ok: false, reason: `its files could not be read (${error instanceof Error ? error.message : String(error)})` }
  }
  return examineCertificate(files.certificate, needed, now)
}

/** The same by the certificate alone. */
export function examineCertificate(certificate: string, needed: PermittedNames, now: number): Examined {
  const { validTo } = new X509Certificate(certificate)
  const permitted = permittedIn(certificate)
  if (Date.parse(validTo) - now < renewalDays * dayMs)
    return { ok: false, reason: `the one before ends on ${validTo}`, ...(permitted && { permitted }) }
  if (!permitted) return { ok: false, reason: 'the one before had no name constraints' }
  const [outside, ...more] = namesOutside(permitted, needed)
  if (outside === undefined) return { ok: true, permitted }
  return { ok: false, reason: `the one before may not speak for ${[outside, ...more].join(', ')}`, permitted }
}

/** Days before its expiry at which a certificate is replaced. */
export const renewalDays = 30

const dayMs = 86_400_000
const authorityDays = 3_650
/** Apple's systems refuse server certificates that are valid for more than 398 days, also from private authorities, since 2020; 825 before. */
const leafDays = 397

async function makeAuthority(permitted: PermittedNames, now: number, makeKey: () => Promise<KeyObject>): Promise<AuthorityFiles> {
  const [privateKey, leafKey] = await Promise.all([makeKey(), makeKey()])
  const serial = randomBytes(16)
  const certificate = issueCertificate(
    {
      // The number distinguishes the authorities of several data directories in a device's list.
      subject: { organization: 'coinslot', commonName: `coinslot sandbox ${serial.toString('hex').slice(0, 8)}` },
      publicKey: privateKey,
      serial,
      notBefore: new Date(now - dayMs),
      notAfter: new Date(now + authorityDays * dayMs),
      authority: { pathLength: 0, nameConstraints: { permitted } },
    },
    { privateKey },
  )
  return { certificate, key: pemOf(privateKey), leafKey: pemOf(leafKey) }
}

function authorityOf({ certificate, key, leafKey }: AuthorityFiles, permitted: PermittedNames, now: () => number): Authority {
  const privateKey = createPrivateKey(key)
  const publicKey = createPrivateKey(leafKey)
  const ends = Date.parse(new X509Certificate(certificate).validTo)
  return {
    certificate,
    permitted,
    leafKey,
    issue(names) {
      const outside = names.find((name) => !permits(permitted, name))
      if (outside !== undefined) throw new RangeError(`the authority may not speak for ${outside}`)
      // A day back, for clients whose clock is behind.
      const notBefore = now() - dayMs
      const expiresAt = Math.min(notBefore + leafDays * dayMs - 1_000, ends)
      const request = {
        subject: { organization: 'coinslot', commonName: names.find(isCommonName) ?? 'coinslot sandbox' },
        publicKey,
        serial: randomBytes(16),
        notBefore: new Date(notBefore),
        notAfter: new Date(expiresAt),
        names,
        serverAuth: true,
      }
      return { certificate: issueCertificate(request, { privateKey, certificate }), expiresAt }
    },
  }
}

/** Where a certificate names no DNS name, OpenSSL checks a common name with a dot as one, and no constraint permits the name "127.0.0.1". */
function isCommonName(name: string): boolean {
  return isIP(name) === 0 && name.length <= longestCommonName
}

/** RFC 5280, ub-common-name. */
const longestCommonName = 64

const generate = promisify(generateKeyPair)

async function newKey(): Promise<KeyObject> {
  return (await generate('rsa', { modulusLength: 2048 })).privateKey
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
