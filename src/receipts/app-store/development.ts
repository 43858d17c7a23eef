import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readKeyFile } from '../../pki/development-keys.js'

/** Who signs a receipt: a key, its certificate, and the certificates of its issuers up to the root, all PEM. */
export interface AppStoreSigner {
  key: KeyObject
  certificate: string
  issuers: readonly string[]
}

/** Everything that minting needs to sign with. */
export interface AppStoreMaterial {
  /** Root of trust for `unified` and `transaction`; PEM. */
  root: string
  unified: AppStoreSigner
  /** By version of the signature blob: version 2 goes with a key of 1024 bits, 3 with one of 2048. */
  transaction: Readonly<Record<2 | 3, AppStoreSigner>>
  /** The same with an untrusted signer. */
  foreign: { unified: AppStoreSigner; transaction: Readonly<Record<2 | 3, AppStoreSigner>> }
  /** Self-signed, as Xcode signs. */
  xcode: AppStoreSigner
}

/**
 * Reads the published, worthless App Store authority of the package. Each call reads the files: keep the result.
 *
 * @throws when a file of the package is missing or damaged.
 */
export function appStoreDevelopment(): AppStoreMaterial {
  const read = (name: string) => readKeyFile(`app-store-${name}.pem`)
  const certificate = (name: string) => pemBlock(read(name), 'CERTIFICATE')
  const signer = (name: string, issuers: string[]): AppStoreSigner => {
    const text = read(name)
    return { key: createPrivateKey(pemBlock(text, 'PRIVATE KEY')), certificate: pemBlock(text, 'CERTIFICATE'), issuers }
  }
  const root = certificate('root')
  const foreignRoot = certificate('foreign-root')
  const foreign = signer('foreign-leaf', [foreignRoot])
  return {
    root,
    unified: signer('leaf', [certificate('intermediate'), root]),
    transaction: { 2: signer('transaction-leaf-1024', [root]), 3: signer('transaction-leaf', [root]) },
    foreign: { unified: foreign, transaction: { 2: signer('foreign-leaf-1024', [foreignRoot]), 3: foreign } },
    xcode: signer('xcode', []),
  }
}

/** Returns the first block of a kind in PEM. @throws if there is none */
export function pemBlock(text: string, label: string): string {
  const [, body] = text.split(`-----BEGIN ${label}-----`)
  const [inner, rest] = body?.split(`-----END ${label}-----`) ?? []
  if (inner === undefined || rest === undefined) throw new Error(`a development key file holds no ${label}; reinstall the package`)
  return `-----BEGIN ${label}-----${inner}-----END ${label}-----\n`
}
