import type { Scope } from '../../contract.js'
import type { StorePurchase } from '../../marketplace/marketplace.js'
import { appStoreDevelopment } from '../../receipts/app-store/development.js'
import { readAppStoreReceipt } from '../../receipts/app-store/read.js'
import { builtInTrust, prepareTrust, type PreparedTrust } from '../../receipts/app-store/trust.js'
import { verify as verifyGooglePlay } from '../../receipts/google-play.js'
import type { Keyring } from '../../receipts/keyring.js'
import { productIdOf } from '../../receipts/purchase-data.js'
import { verify as verifySamsung } from '../../receipts/samsung.js'
import type { Verdict } from '../../receipts/verdict.js'
import type { OpenedReceipt } from './open-receipt.js'
import { brief } from './shown.js'
import type { Game } from './tables.js'

/** What the store check found, why, and the product the receipt is for, where it says so. */
export interface Checked {
  verifyState: 'legal' | 'illegal' | 'undefined'
  because: string
  product?: string | undefined
}

/** What a receipt is checked against. */
export interface Against {
  game: Game
  /** As the game reported it; undefined when a receipt is only looked at. */
  transactionId: string | undefined
  /** What the simulated Samsung store knows of the receipt's purchase id. */
  samsung: StorePurchase | undefined
}

/** The tools of a check. */
export type Checker = Pick<Scope, 'keys' | 'reachable'>

/** Asks the store whether a purchase is genuine. What cannot be determined is `undefined`, what is broken by its sender `illegal`. */
export function checkWithStore(receipt: OpenedReceipt, against: Against, checker: Checker): Checked {
  switch (receipt.kind) {
    case 'google-play':
      return checkGooglePlay(receipt, against, checker)
    case 'app-store':
      return checkAppStore(receipt.receipt, against, checker)
    case 'samsung':
      return checkSamsung(receipt.purchaseId, against, checker)
    case 'unusable':
      return { verifyState: 'illegal', because: `the store is ${brief(receipt.store)}, but ${receipt.reason}` }
    case 'unverified-store':
      return open(
        `purchases from ${brief(receipt.store)} are not verified; AppleAppStore, GooglePlay and SamsungApps are${receipt.absences}`,
      )
    case 'unreadable':
      return open(receipt.reason)
  }
}

/** The transaction ids of the purchases in an App Store receipt, whoever signed it. */
export function transactionsIn(receipt: string): readonly string[] {
  const { claims } = readAppStoreReceipt(receipt, { trust: prepareTrust({ roots: [] }) })
  return (claims?.items ?? []).flatMap(({ transactionId }) => transactionId ?? [])
}

function checkGooglePlay({ json, signature }: { json: string; signature: string }, { game }: Against, { keys }: Checker): Checked {
  const license = game.androidLicenseKey === undefined ? undefined : keys.licenseKey(game.androidLicenseKey)
  const verdict = verifyGooglePlay(json, signature, license?.ok ? license.key : null, { packageName: game.androidBundleId })
  const product = verdict.claims && productIdOf(verdict.claims)
  if (!license) return open(`game ${game.game} has no androidLicenseKey`, product)
  if (!license.ok) return open(`the androidLicenseKey of game ${game.game} ${license.reason}`, product)
  return judged(verdict, product)
}

function checkAppStore(receipt: string, { game, transactionId }: Against, checker: Checker): Checked {
  const trust = trustOf(game, checker.keys)
  const { style, ...verdict } = readAppStoreReceipt(receipt, { trust, expect: { bundleId: game.iosBundleId, transactionId } })
  const items = verdict.claims?.items ?? []
  const product = (transactionId === undefined ? items[0] : items.find((item) => item.transactionId === transactionId))?.productId
  if (game.iosBundleId === undefined) return open(`game ${game.game} has no iosBundleId`, product)
  if (!checker.reachable('app_store')) return open('the simulated App Store cannot be reached (PUT /_sandbox/upstreams/app_store)', product)
  if (style !== 'transaction') return judged(verdict, product)
  return {
    verifyState: 'illegal',
    because: 'the receipt is of the old transaction style; Unity hands on the app receipt, which is PKCS#7',
    product,
  }
}

function checkSamsung(purchaseId: string, { game, transactionId, samsung }: Against, checker: Checker): Checked {
  const product = samsung?.productId
  if (game.samsung !== 'on') return open(`game ${game.game} has Samsung verification off (its row's "samsung" is not "on")`, product)
  if (!checker.reachable('samsung')) return open('the simulated Samsung store cannot be reached (PUT /_sandbox/upstreams/samsung)', product)
  return judged(verifySamsung(purchaseId, transactionId ?? samsung?.paymentId ?? '', samsung), product)
}

/** The game's own roots, added to what the sandbox trusts anyway; prepared once. */
function trustOf({ appStoreRoots = [] }: Game, keys: Keyring): PreparedTrust {
  return keys.prepared(`gameofwhales trust ${appStoreRoots.join('\n')}`, () => {
    const builtIn = builtInTrust(appStoreDevelopment().root)
    return prepareTrust({ ...builtIn, roots: [...builtIn.roots, ...appStoreRoots] })
  })
}

function open(because: string, product?: string): Checked {
  return { verifyState: 'undefined', because, product }
}

function judged({ ok, checks }: Verdict<unknown>, product: string | undefined): Checked {
  if (ok) return { verifyState: 'legal', because: checks.map(({ detail }) => detail).join(', '), product }
  const failed = checks.find((check) => check.ok !== true)
  return { verifyState: 'illegal', because: failed?.detail ?? 'nothing could be checked', product }
}
