import type { Call, VendorTables } from '../../contract.js'
import { brief, show } from '../../kernel/show.js'
import { placeUser, type Participation } from './experiments.js'
import { openReceipt, type OpenedReceipt } from './open-receipt.js'
import { checkWithStore, type Checked, type Fault } from './store-check.js'
import { transactionKey, type ForcedVerdict, type Game, type Purchase, type tables, type VerifyState } from './tables.js'
import { asCheater, enterUser, withRevenue } from './users.js'

/** A purchase as `receipt` or `purchase` reports it. */
export interface PurchaseReport {
  game: string
  user: string
  expId: string | undefined
  /** Empty if there is none. */
  transactionId: string
  price: number
  currency: string
  store: string
  /** Member of the request that names the store. */
  storeMember: 'common.store' | 'event.store'
  product: string | undefined
  at: number | undefined
  /** Absent: verification was not asked for. */
  receipt: string | undefined
  /** True if the receipt may be the container's Payload alone. */
  mayBeBare: boolean
}

/** Outcome of a purchase report. */
export type PurchaseOutcome =
  | { kind: 'unknown-game' }
  | {
      kind: 'recorded'
      game: Game
      purchase: Purchase
      because: string
      fault: Fault | undefined
      isCounted: boolean
      revenueBefore: number
      participation: Participation
    }

/** Verifies a purchase if the event asks for it, and records it, in one transaction. */
export async function reportPurchase(call: Call<typeof tables>, report: PurchaseReport): Promise<PurchaseOutcome> {
  const { receipt, store, storeMember, mayBeBare } = report
  const opened = receipt === undefined ? undefined : openReceipt({ receipt, fallbackStore: store, fallbackMember: storeMember, mayBeBare })
  return call.transact(async (db, { marketplace }) => {
    const game = await db.games.get(report.game)
    if (!game) return { kind: 'unknown-game' }
    const samsung = opened?.kind === 'samsung' ? await marketplace.purchase('samsung', opened.purchaseId) : undefined
    const checked = check(opened, game, () => checkWithStore(opened!, { game, transactionId: report.transactionId, samsung }, call))
    const [first] = report.transactionId === '' ? [] : await db.purchases.where('byTransaction', transactionKey(report))
    const forced = checked.verifyState === 'bypass' ? undefined : await forcedVerdict(db, report, checked.product)
    const decision = decide(checked, { first, forced })
    return record(db, report, game, decision, { id: call.ids.uuid(), recordedBy: call.id, now: call.now.getTime() })
  })
}

/** A verdict before repeats are looked up; `bypass` never becomes `double`. */
type Judgement = Checked | { verifyState: 'bypass'; because: string }

/** Checks with the store, unless verification was not requested or is switched off for the game. */
export function check(opened: OpenedReceipt | undefined, game: Game, ask: () => Checked): Judgement {
  if (!opened) return { verifyState: 'bypass', because: 'verification was not requested' }
  if (game.verify === false)
    return { verifyState: 'bypass', because: `game ${show(game.game)} has verification switched off (its row's "verify")` }
  return ask()
}

/** Rows that change the store's verdict. */
interface Precedents {
  /** The first purchase with the transaction id. */
  first: Purchase | undefined
  forced: ForcedVerdict | undefined
}

interface Decision {
  verifyState: VerifyState
  because: string
  fault?: Fault | undefined
  first: Purchase | undefined
}

/** The vendor's order: the store check or what replaces it, `illegal` before `double`, repeats by transaction id alone. */
export function decide(judgement: Judgement, { first, forced }: Precedents): Decision {
  if (judgement.verifyState === 'bypass') return { verifyState: 'bypass', because: judgement.because, first }
  const verifyState = forced?.verifyState ?? judgement.verifyState
  const because = forced ? `gameofwhales.verdicts forces ${forced.verifyState} for ${brief(forced.match)}` : judgement.because
  const isFinal = verifyState === 'illegal' || verifyState === 'bypass' || verifyState === 'double'
  if (isFinal || !first) return { verifyState, because, fault: forced ? undefined : judgement.fault, first }
  return { verifyState: 'double', because: `${firstReport(first)}; without it this one would be ${verifyState}: ${because}`, first }
}

/** Returns the row that forces a verdict for a purchase. */
export async function forcedVerdict(
  db: VendorTables<typeof tables>,
  { game, transactionId, product }: Pick<PurchaseReport, 'game' | 'transactionId' | 'product'>,
  claimed: string | undefined,
): Promise<ForcedVerdict | undefined> {
  // Most sandboxes force no verdict, and counting is cheaper than the two look-ups.
  if ((await db.verdicts.count()) === 0) return undefined
  const byTransaction = await db.verdicts.get(game, `transaction/${transactionId}`)
  const sku = product ?? claimed
  if (byTransaction || sku === undefined) return byTransaction
  return db.verdicts.get(game, `product/${sku}`)
}

function firstReport({ transactionId, recordedBy, user, verifyState }: Purchase): string {
  const where = recordedBy === undefined ? 'in the seed' : `in request ${recordedBy}`
  return `transaction ${brief(transactionId)} was first reported ${where} by player ${brief(user)} as ${verifyState}`
}

/** Id, traffic entry and time of a new row. */
interface Recording {
  id: string
  /** The traffic entry. */
  recordedBy: string
  /** Unix milliseconds. */
  now: number
}

/** Writes the rows of a decided purchase. */
async function record(
  db: VendorTables<typeof tables>,
  report: PurchaseReport,
  game: Game,
  { verifyState, because, fault, first }: Decision,
  { id, recordedBy, now }: Recording,
): Promise<PurchaseOutcome> {
  const { transactionId, price, currency, product, store, at = now } = report
  const { user } = await enterUser(db, report.game, report.user)
  const isCounted = verifyState !== 'illegal' && verifyState !== 'double'
  const changed = isCounted ? withRevenue(user, price) : verifyState === 'illegal' ? asCheater(user) : user
  if (changed !== user) db.users.put(changed)
  const purchase: Purchase = {
    game: report.game,
    id,
    user: report.user,
    transactionId,
    verifyState,
    price,
    currency,
    store,
    at,
    recordedBy,
  }
  if (product !== undefined) purchase.product = product
  if (first) purchase.repeatOf = first.id
  db.purchases.put(purchase)
  const participation = await placeUser(db, changed, report.expId)
  return { kind: 'recorded', game, purchase, because, fault, isCounted, revenueBefore: user.revenue ?? 0, participation }
}
