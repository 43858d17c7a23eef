import { certificatesInPem } from '../../../pki/parsed-certificate.js'
import { appStoreDevelopment } from '../../../receipts/app-store/development.js'
import { builtInTrust, prepareTrust, type PreparedTrust } from '../../../receipts/app-store/trust.js'
import type { Keyring } from '../../../receipts/keyring.js'

/** What is wrong with a root certificate, worded to follow "the root "; undefined when it can be trusted. */
export function rootFault(pem: string): string | undefined {
  const read = certificatesInPem(pem)
  return read.ok ? undefined : read.reason
}

/** Whom an app's receipts may be signed under: Apple, the sandbox, and the app's own roots. */
export function trustOf(keys: Keyring, roots: readonly string[] = []): PreparedTrust {
  return keys.prepared(`app store trust\n${roots.join('\n')}`, () => {
    const builtIn = builtInTrust(appStoreDevelopment().root)
    return prepareTrust({ ...builtIn, roots: [...builtIn.roots, ...roots] })
  })
}
