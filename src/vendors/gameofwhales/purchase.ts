import type { Call, VendorTables } from '../../contract.js'
import { placeUser, type Participation } from './experiments.js'
import { openReceipt, type OpenedReceipt } from './open-receipt.js'
import { brief } from './shown.js'
import { checkWithStore, type Checked } from './store-check.js'
import { transactionKey, type ForcedVerdict, type Game, type Purchase, type tables, type VerifyState } from './tables.js'
import { asCheater, enterUser, withRevenue } from './users.js'

/** A purchase as `receipt` or `purchase` reports it. */
export interface PurchaseReport {
  game: string
  user: string
  expId: string | undefined
  /** Empty when there is none. */
  transactionId: string
  price: number
  currency: string
  store: string
  product: string | undefined
  at: number | undefined
  /** Absent: verification was not asked for. */
  receipt: string | undefined
  /** Whether the receipt may be the container's Payload alone. */
  mayBeBare: boolean
}

/** What became of a report. */
export type PurchaseOutcome =
  | { kind: 'unknown-game' }
  | {
      kind: 'recorded'
      game: Game
      purchase: Purchase
      because: string
      isCounted: boolean
      revenueBefore: number
      participation: Participation
    }

/** Verifies a purchase where asked for, and records it once and for all: check and record are one step. */
export async function reportPurchase(call: Call<typeof tables>, report: PurchaseReport): Promise<PurchaseOutcome> {
  const { receipt, store, mayBeBare } = report
  const opened = receipt === undefined ? undefined : openReceipt({ receipt, fallbackStore: store, mayBeBare })
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

/** A verdict before the question whether the purchase is a repeat; `bypass` is never turned into `double`. */
type Judgement = Checked | { verifyState: 'bypass'; because: string }

/** Asks the store, unless verification was not asked for or is switched off for the game. */
export function check(opened: OpenedReceipt | undefined, game: Game, ask: () => Checked): Judgement {
  if (!opened) return { verifyState: 'bypass', because: 'verification was not asked for' }
  if (game.verify === false)
    return { verifyState: 'bypass', because: `game ${game.game} has verification switched off (its row's "verify")` }
  return ask()
}

/** Rows that decide beside the store. */
interface Precedents {
  /** The first purchase with the transaction id. */
  first: Purchase | undefined
  forced: ForcedVerdict | undefined
}

interface Decision {
  verifyState: VerifyState
  because: string
  first: Purchase | undefined
}

/** The vendor's order: the store check or what replaces it, `illegal` before `double`, repeats by transaction id alone. */
export function decide(judgement: Judgement, { first, forced }: Precedents): Decision {
  if (judgement.verifyState === 'bypass') return { verifyState: 'bypass', because: judgement.because, first }
  const verifyState = forced?.verifyState ?? judgement.verifyState
  const because = forced ? `gameofwhales.verdicts forces ${forced.verifyState} for ${brief(forced.match)}` : judgement.because
  const isFinal = verifyState === 'illegal' || verifyState === 'bypass' || verifyState === 'double'
  if (isFinal || !first) return { verifyState, because, first }
  return { verifyState: 'double', because: `${tell(first)}; by itself it would be ${verifyState}, as ${because}`, first }
}

/** The row that forces a verdict for a purchase, if there is one. */
export async function forcedVerdict(
  db: VendorTables<typeof tables>,
  { game, transactionId, product }: Pick<PurchaseReport, 'game' | 'transactionId' | 'product'>,
  claimed: string | undefined,
): Promise<ForcedVerdict | undefined> {
  // Most sandboxes force none, and this is cheaper to ask than the two below.
  if ((await db.verdicts.count()) === 0) return undefined
  const byTransaction = await db.verdicts.get(game, `transaction/${transactionId}`)
  const sku = product ?? claimed
  if (byTransaction || sku === undefined) return byTransaction
  return db.verdicts.get(game, `product/${sku}`)
}

function tell({ transactionId, recordedBy, user, verifyState }: Purchase): string {
  const where = recordedBy === undefined ? 'in the seed' : `in request ${recordedBy}`
  return `transaction ${brief(transactionId)} was first reported ${where} by player ${brief(user)} as ${verifyState}`
}

/** What a new row is told apart by. */
interface Recording {
  id: string
  /** The traffic entry. */
  recordedBy: string
  /** Unix milliseconds. */
  now: number
}

/** Decided what it is: the rows that follow. */
async function record(
  db: VendorTables<typeof tables>,
  report: PurchaseReport,
  game: Game,
  { verifyState, because, first }: Decision,
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
  return { kind: 'recorded', game, purchase, because, isCounted, revenueBefore: user.revenue ?? 0, participation }
}
