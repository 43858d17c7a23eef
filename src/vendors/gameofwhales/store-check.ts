import type { Scope } from '../../contract.js'
import type { StorePurchase } from '../../marketplace/marketplace.js'
import { appStoreDevelopment } from '../../receipts/app-store/development.js'
import { readAppStoreReceipt } from '../../receipts/app-store/read.js'
import { builtInTrust, prepareTrust, type PreparedTrust } from '../../receipts/app-store/trust.js'
import { verify as verifyGooglePlay } from '../../receipts/google-play.js'
import type { Keyring } from '../../receipts/keyring.js'
import { productIdOf } from '../../receipts/purchase-data.js'
import { verify as verifySamsung } from '../../receipts/samsung.js'
import type { CheckName, Verdict } from '../../receipts/verdict.js'
import { brief, show } from '../../kernel/show.js'
import type { OpenedReceipt } from './open-receipt.js'
import type { Game } from './tables.js'

/** Result of the store check, with its reason and the product of the receipt, if the receipt names one. */
export interface Checked {
  verifyState: 'legal' | 'illegal' | 'undefined'
  because: string
  product?: string | undefined
  /** The member of the event that made the purchase illegal, with an accepted value or a description of such values. */
  fault?: Fault
}

/** A member of an event that the store check did not accept. */
export interface Fault {
  member: 'receipt' | 'transactionId'
  expected: string
  /** The part of the receipt at fault, with the members that lead to it; absent for the entire member. */
  part?: { path: readonly string[]; got: unknown }
}

/** Data that a receipt is compared with. */
export interface Against {
  game: Game
  /** As the game reported it; undefined if a receipt is only inspected. */
  transactionId: string | undefined
  /** The purchase in the simulated Samsung store. */
  samsung: StorePurchase | undefined
}

/** Keys and marketplace state for a check. */
export type Checker = Pick<Scope, 'keys' | 'reachable'>

/** Checks with the store that a purchase is genuine: `undefined` if that cannot be determined, `illegal` if the receipt is wrong. */
export function checkWithStore(receipt: OpenedReceipt, against: Against, checker: Checker): Checked {
  switch (receipt.kind) {
    case 'google-play':
      return checkGooglePlay(receipt, against, checker)
    case 'app-store':
      return checkAppStore(receipt.receipt, against, checker)
    case 'samsung':
      return checkSamsung(receipt.purchaseId, against, checker)
    case 'unusable':
      return {
        verifyState: 'illegal',
        because: `the store is ${brief(receipt.store)}, but ${receipt.reason}`,
        fault: { member: 'receipt', expected: `a container with a payload of ${brief(receipt.store)}` },
      }
    case 'unverified-store':
      return open(
        `purchases from ${brief(receipt.store)} are not verified; AppleAppStore, GooglePlay and SamsungApps are${receipt.absences}`,
      )
    case 'unreadable':
      return open(receipt.reason)
  }
}

/** The transaction ids of the purchases in an App Store receipt, with any signature. */
export function transactionsIn(receipt: string): readonly string[] {
  const { claims } = readAppStoreReceipt(receipt, { trust: prepareTrust({ roots: [] }) })
  return (claims?.items ?? []).flatMap(({ transactionId }) => transactionId ?? [])
}

function checkGooglePlay(
  { json, signature, unsigned, signaturePath }: Extract<OpenedReceipt, { kind: 'google-play' }>,
  { game }: Against,
  { keys }: Checker,
): Checked {
  const license = game.androidLicenseKey === undefined ? undefined : keys.licenseKey(game.androidLicenseKey)
  const verdict = verifyGooglePlay(json, signature, license?.ok ? license.key : null, { packageName: game.androidBundleId, unsigned })
  const product = verdict.claims && productIdOf(verdict.claims)
  if (!license) return open(`game ${show(game.game)} has no androidLicenseKey`, product)
  if (!license.ok) return open(`the androidLicenseKey of game ${show(game.game)} ${license.reason}`, product)
  return judged(verdict, product, {
    game,
    app: game.androidBundleId,
    signature:
      verdict.signedText === undefined
        ? { path: signaturePath, got: unsigned ? unsigned.value : signature }
        : { path: [...signaturePath.slice(0, -1), 'json'], got: json, signedText: verdict.signedText },
  })
}

function checkAppStore(receipt: string, { game, transactionId }: Against, checker: Checker): Checked {
  const trust = trustOf(game, checker.keys)
  const { style, ...verdict } = readAppStoreReceipt(receipt, { trust, expect: { bundleId: game.iosBundleId, transactionId } })
  const items = verdict.claims?.items ?? []
  const product = (transactionId === undefined ? items[0] : items.find((item) => item.transactionId === transactionId))?.productId
  if (game.iosBundleId === undefined) return open(`game ${show(game.game)} has no iosBundleId`, product)
  if (!checker.reachable('app_store'))
    return open('the simulated App Store cannot be reached ("coinslot store app_store up" ends that)', product)
  if (style !== 'transaction') return judged(verdict, product, { game, app: game.iosBundleId, transactionId: items.at(-1)?.transactionId })
  return {
    verifyState: 'illegal',
    because: 'the receipt is of the old transaction style; Unity sends the app receipt, which is PKCS#7',
    product,
    fault: { member: 'receipt', expected: 'an app receipt (PKCS#7)' },
  }
}

function checkSamsung(purchaseId: string, { game, transactionId, samsung }: Against, checker: Checker): Checked {
  const product = samsung?.productId
  if (game.samsung !== 'on') return open(`game ${show(game.game)} has Samsung verification off (its row's "samsung" is not "on")`, product)
  if (!checker.reachable('samsung'))
    return open('the simulated Samsung store cannot be reached ("coinslot store samsung up" ends that)', product)
  return judged(verifySamsung(purchaseId, transactionId ?? samsung?.paymentId ?? '', samsung), product, {
    game,
    transactionId: samsung?.paymentId,
  })
}

/** The sandbox's trusted roots and those of the game, prepared once. */
function trustOf({ appStoreRoots = [] }: Game, keys: Keyring): PreparedTrust {
  return keys.prepared(`gameofwhales trust ${appStoreRoots.join('\n')}`, () => {
    const builtIn = builtInTrust(appStoreDevelopment().root)
    return prepareTrust({ ...builtIn, roots: [...builtIn.roots, ...appStoreRoots] })
  })
}

function open(because: string, product?: string): Checked {
  return { verifyState: 'undefined', because, product }
}

/** Values that a correct receipt of the game has. */
interface Right {
  game: Game
  app?: string | undefined
  transactionId?: string | undefined
  /** The signature, if it is a separate member, or the json that has to be spelled as it was signed. */
  signature?: { path: readonly string[]; got: unknown; signedText?: string }
}

function judged({ ok, checks }: Verdict<unknown>, product: string | undefined, right: Right): Checked {
  if (ok) return { verifyState: 'legal', because: checks.map(({ detail }) => detail).join(', '), product }
  const failed = checks.find((check) => check.ok !== true)
  return { verifyState: 'illegal', because: failed?.detail ?? 'nothing could be checked', product, fault: faultOf(failed?.name, right) }
}

function faultOf(failed: CheckName | undefined, { game, app, transactionId, signature }: Right): Fault {
  const whose = `game ${game.game}${app === undefined ? '' : ` (${app})`}`
  switch (failed) {
    case 'transaction':
      return { member: 'transactionId', expected: transactionId ?? 'the transaction id of the receipt' }
    case 'app':
      return { member: 'receipt', expected: `a receipt for ${app ?? `the app of ${whose}`}` }
    case 'signature':
      if (signature) {
        const { signedText, ...part } = signature
        const own = `the signature that belongs to this json, by the licence key of ${whose} (mint both: coinslot mint google_play)`
        return { member: 'receipt', expected: signedText ?? own, part }
      }
      return { member: 'receipt', expected: `a receipt with an intact signature by the key of ${whose}` }
    case 'chain':
      return { member: 'receipt', expected: 'a receipt whose certificate chain ends in a trusted root' }
    case 'store':
      return { member: 'receipt', expected: 'a purchase id that the simulated store has' }
    default:
      return { member: 'receipt', expected: 'a receipt in the form of the store' }
  }
}
