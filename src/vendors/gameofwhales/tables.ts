import { z } from 'zod'
import { keyFrom, table, type RowOf } from '../../kernel/table.js'
import { licenseKeyField, rootField } from '../../receipts/key-fields.js'
import { unitsOf } from './money.js'

/** Verification states of a purchase (vendor page, receipt). */
export const verifyStates = ['legal', 'illegal', 'undefined', 'bypass', 'double'] as const
export type VerifyState = (typeof verifyStates)[number]

const object = z.record(z.string(), z.unknown())
const amount = z.number()

const games = table(
  z.strictObject({
    game: z.string().min(1),
    androidBundleId: z.string().min(1).optional(),
    /** Base64 SubjectPublicKeyInfo, as the Play Console shows it. */
    androidLicenseKey: licenseKeyField.optional(),
    iosBundleId: z.string().min(1).optional(),
    /** PEM, added to the built-in trust. */
    appStoreRoots: z.array(rootField).optional(),
    /** Encrypts the signatures of experiments and the payloads of offers. */
    payloadKey: z.string().optional(),
    /** `on`: the simulated Samsung store is asked; absent: off. */
    samsung: z.enum(['on', 'off']).optional(),
    /** False switches verification off: `receipt` replies `bypass`. */
    verify: z.boolean().optional(),
  }),
  ['game'],
)

const users = table(
  z.strictObject({
    game: z.string().min(1),
    user: z.string().min(1),
    /** Campaign group, a lower-case letter; absent: derived from the user id. */
    group: z.string().min(1).optional(),
    /** Counted purchases so far, in whole currency units. */
    revenue: amount.optional(),
    /** Custom properties, in replies beside the fixed ones. */
    properties: object.optional(),
    /** An illegal purchase was reported for this user. */
    cheater: z.boolean().optional(),
    /** The experiment whose participation the game confirmed by `common.expId`. */
    experiment: z.string().optional(),
  }),
  ['game', 'user'],
)

const experiments = table(
  z.strictObject({
    game: z.string().min(1),
    id: z.string().min(1),
    key: z.string(),
    groupKey: z.string(),
    payload: z.string().optional(),
    /** Participants; absent: all users. */
    users: z.array(z.string()).optional(),
  }),
  ['game', 'id'],
  { byGame: (row) => row.game },
)

const verdicts = table(
  z.strictObject({
    game: z.string().min(1),
    /** `transaction/<id>` or `product/<id>`. */
    match: z.string().regex(/^(transaction|product)\/./s, 'must be transaction/<id> or product/<id>'),
    verifyState: z.enum(verifyStates),
  }),
  ['game', 'match'],
)

const offers = table(
  z.strictObject({
    game: z.string().min(1),
    user: z.string().min(1),
    product: z.string().min(1),
    /** Listed by `futureOffers` instead of `offers`. */
    future: z.boolean().optional(),
    camp: z.string().optional(),
    /** Unix milliseconds, as the two below. */
    createdAt: amount.optional(),
    activatedAt: amount.optional(),
    finishedAt: amount.optional(),
    /** Milliseconds left; absent: counted from `finishedAt` by the clock. */
    rest: amount.optional(),
    decisionTime: amount.optional(),
    countFactor: amount.optional(),
    priceFactor: amount.optional(),
    name: z.string().optional(),
    description: z.string().optional(),
    redeemable: z.boolean().optional(),
    custom: object.optional(),
    /** Payload of the reply; absent: the encrypted offer. */
    payload: z.string().optional(),
  }),
  ['game', 'user', 'product'],
  { byUser: (row) => keyFrom([row.game, row.user]) },
)

const purchases = table(
  z.strictObject({
    game: z.string().min(1),
    id: z.string().min(1),
    user: z.string(),
    /** Empty if `purchase` came without one. */
    transactionId: z.string(),
    verifyState: z.enum(verifyStates),
    /** Local price times 100, as sent. */
    price: amount,
    currency: z.string(),
    product: z.string().optional(),
    store: z.string().optional(),
    /** Time of the purchase as sent, else of the report; Unix milliseconds. */
    at: amount.optional(),
    /** The first purchase with the same transaction id. */
    repeatOf: z.string().optional(),
    /** Id of the traffic entry that recorded it; absent in seeds. */
    recordedBy: z.string().optional(),
  }),
  ['game', 'id'],
  {
    // Without repeats, so that the look-up of the first purchase stays fast however often it is sent again.
    byTransaction: (row) => (row.transactionId === '' || row.repeatOf !== undefined ? undefined : transactionKey(row)),
  },
  (row) => ({
    player: row.user,
    product: row.product,
    ids: [row.transactionId],
    amount: `${unitsOf(row.price)} ${row.currency}`,
    state: row.repeatOf === undefined ? row.verifyState : 'double',
    at: row.at,
  }),
)

const events = table(
  z.strictObject({
    game: z.string().min(1),
    id: z.string().min(1),
    user: z.string(),
    method: z.string(),
    event: object,
    recordedBy: z.string().optional(),
  }),
  ['game', 'id'],
)

/** Game of Whales' tables. */
export const tables = { games, users, experiments, verdicts, offers, purchases, events }

export type Game = RowOf<typeof games>
export type User = RowOf<typeof users>
export type Experiment = RowOf<typeof experiments>
export type ForcedVerdict = RowOf<typeof verdicts>
export type Offer = RowOf<typeof offers>
export type Purchase = RowOf<typeof purchases>

/** Index value of the first purchase with a transaction id, across users and stores of a game. */
export function transactionKey({ game, transactionId }: { game: string; transactionId: string }): string {
  return keyFrom([game, transactionId])
}
