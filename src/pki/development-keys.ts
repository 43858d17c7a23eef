import type { KeyObject } from 'node:crypto'
import { once } from '../kernel/once.js'
import { nameOfPackageFile, readPackageFile } from '../kernel/package-files.js'
import { parsePrivateKey } from './rsa-key.js'

/** The sandbox's own RSA keys: published, worthless, and the same for everybody. */
export interface DevelopmentKeys {
  /** Signs minted Google Play purchases; its public half is the licence key of the default seed. */
  readonly googlePlay: KeyObject
  /** A 2048 bit key that no app is configured with, for receipts that shall look forged. */
  readonly foreign: KeyObject
  /** 1024 bit keys for OUYA gamers, taken in order where results must be repeatable. */
  readonly ouyaGamers: readonly KeyObject[]
}

/** Reads a file of the published keys as text. */
export function readKeyFile(name: string): string {
  return readPackageFile(`fixtures/keys/${name}`).toString()
}

/** Reads the development keys of the package when they are first asked for, each file once. */
export function developmentKeys(read = readKeyFile): DevelopmentKeys {
  const googlePlay = once(() => readKeys('google-play.pem', read)[0]!)
  const foreign = once(() => readKeys('foreign.pem', read)[0]!)
  const ouyaGamers = once(() => readKeys('ouya-gamers.pem', read))
  return {
    get googlePlay() {
      return googlePlay()
    },
    get foreign() {
      return foreign()
    },
    get ouyaGamers() {
      return ouyaGamers()
    },
  }
}

function readKeys(name: string, read: (name: string) => string): KeyObject[] {
  const end = '-----END PRIVATE KEY-----'
  const blocks = read(name).split(end).slice(0, -1)
  if (blocks.length === 0) throw new Error(`${nameOfPackageFile(`fixtures/keys/${name}`)} holds no private key; reinstall the package`)
  return blocks.map((block) => {
    const parsed = parsePrivateKey(block + end)
    if (!parsed.ok) throw new Error(`a key of ${nameOfPackageFile(`fixtures/keys/${name}`)} ${parsed.reason}; reinstall the package`)
    return parsed.key
  })
}
