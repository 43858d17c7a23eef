import type { KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { once } from '../kernel/once.js'
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

/** Where the package keeps its published keys. */
export const developmentKeysFolder = new URL('../../fixtures/keys/', import.meta.url)

/** Reads the development keys of the package when they are first asked for, each file once. */
export function developmentKeys(folder: URL = developmentKeysFolder): DevelopmentKeys {
  const googlePlay = once(() => readKeys(new URL('google-play.pem', folder))[0]!)
  const foreign = once(() => readKeys(new URL('foreign.pem', folder))[0]!)
  const ouyaGamers = once(() => readKeys(new URL('ouya-gamers.pem', folder)))
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

function readKeys(file: URL): KeyObject[] {
  const end = '-----END PRIVATE KEY-----'
  const blocks = readFileSync(file, 'utf8').split(end).slice(0, -1)
  if (blocks.length === 0) throw new Error(`${file.pathname} holds no private key; reinstall the package`)
  return blocks.map((block) => {
    const parsed = parsePrivateKey(block + end)
    if (!parsed.ok) throw new Error(`a key of ${file.pathname} ${parsed.reason}; reinstall the package`)
    return parsed.key
  })
}
