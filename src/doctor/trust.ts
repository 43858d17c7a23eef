import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, rmSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { examineCertificate } from '../tls/authority.js'
import type { PermittedNames } from '../tls/permitted-names.js'
import { fine, wrong, type Check } from './check.js'

/** Checks that there is an authority for all names, now and at the next start. */
export function checkAuthority(certificate: string | undefined, needed: PermittedNames, now: number): Check {
  if (certificate === undefined) {
    return wrong('authority', 'there is no certificate authority yet', 'Start the sandbox with --tls or --native-ports; it makes one.')
  }
  const examined = examineCertificate(certificate, needed, now)
  if (!examined.ok) {
    return wrong(
      'authority',
      `the next start makes a new one: ${examined.reason}`,
      'Start the sandbox, and trust the new one: coinslot ca --install-hint …',
    )
  }
  const { subject, validTo } = new X509Certificate(certificate)
  return fine('authority', `${subject.replaceAll('\n', ', ')}, until ${validTo}`)
}

/** Checks that programs on this machine trust the authority. */
export function checkTrust(certificate: string | undefined, env: Readonly<Record<string, string | undefined>> = process.env): Check[] {
  if (certificate === undefined) return []
  const system = isInSystem(certificate, env)
  const extra = env['NODE_EXTRA_CA_CERTS']
  const isInNode = extra !== undefined && holds(extra, certificate)
  const hint = hints[process.platform] ?? 'linux'
  const checks = [
    system
      ? fine('trust system', `${system} holds it`)
      : wrong('trust system', 'the system does not trust it', `coinslot ca --install-hint ${hint} says how.`),
  ]
  // Node uses the system store only from version 22.15 on, and only with an option.
  if (isInNode) checks.push(fine('trust node', `NODE_EXTRA_CA_CERTS=${extra} holds it`))
  else checks.push(wrong('trust node', 'Node programs do not trust it', 'coinslot ca --install-hint node says how.'))
  return checks
}

const hints: Partial<Record<NodeJS.Platform, string>> = { darwin: 'macos', win32: 'windows' }

/** Returns the place where the system holds the certificate, undefined if it does not. */
function isInSystem(certificate: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (process.platform === 'win32') {
    const { fingerprint } = new X509Certificate(certificate)
    const thumbprint = fingerprint.replaceAll(':', '')
    const known = [['-user', '-verifystore'], ['-verifystore']].some((words) => succeeds('certutil', [...words, 'Root', thumbprint]))
    return known ? 'the Windows root store' : undefined
  }
  if (process.platform === 'darwin') {
    const folder = mkdtempSync(join(tmpdir(), 'coinslot-doctor-'))
    try {
      writeFileSync(join(folder, 'ca.pem'), certificate)
      return succeeds('security', ['verify-cert', '-c', join(folder, 'ca.pem')]) ? 'the keychain' : undefined
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return [env['SSL_CERT_FILE'], ...bundles].find((file) => file !== undefined && holds(file, certificate))
}

/** Files in which Linux systems keep all trusted certificates in one file: Debian, Fedora, openSUSE, Alpine. */
const bundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem']

function holds(file: string, certificate: string): boolean {
  return existsSync(file) && bare(readFileSync(file, 'utf8')).includes(bare(certificate))
}

function bare(pem: string): string {
  return pem.replaceAll(/\s/g, '')
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}
