import type { z } from 'zod'
import type { Evidence } from './kernel/evidence.js'
import type { Ids } from './kernel/ids.js'
import type { Outcome } from './kernel/outcome.js'
import type { Reply } from './kernel/reply.js'
import type { Request } from './kernel/request.js'
import type { JsonObject, RowOf, Table, Tables } from './kernel/table.js'
import type { Marketplace, PurchaseChange, StoreName } from './marketplace/marketplace.js'
import type { Keyring } from './receipts/keyring.js'
import type { BareReceipt, MintedReceipt, PresentedReceipt, ReceiptRequest } from './receipts/presented.js'
import type { Check } from './receipts/verdict.js'

export type { BareReceipt, MintedReceipt, PresentedReceipt, ReceiptRequest }

/**
 * A company whose API is emulated, as one value. Routing, TLS names, the command line, checks of seeds and snapshots, OpenAPI, the
 * coverage table, the inspector and the contract tests follow from this one value.
 */
export interface Vendor<T extends Tables = Tables> {
  /** Id, used as URL prefix, table prefix, folder, command-line argument and OpenAPI tag. */
  id: string
  title: string
  /** Base URLs of the real service. */
  baseUrls: readonly string[]
  /** Host names it answers on, lower case. */
  hosts: readonly string[]
  /** Ports it documents, for `--native-ports`. */
  ports: readonly number[]
  /**
   * First path segments that belong to it without its prefix, on every host that is not another vendor's: `androidpublisher`. For clients
   * whose base URL keeps the origin only.
   */
  ownPaths?: readonly string[]
  /**
   * Path prefixes under which the same routes answer as well, on every host that is not its own: `/sandbox`. For vendors whose host decides
   * an environment. The path of the request keeps the prefix.
   */
  pathPrefixes?: readonly string[]
  tables: T
  routes: readonly Route<T>[]
  /** The vendor's reply to a request that no route answers. */
  failureReply(failure: Failure, request: Request): Reply
  /** Replies that a fault can send by name; together they cover every status in the vendor's tables. */
  replies: Readonly<Record<string, NamedReply>>
  /** Features of the real service that are not emulated, one sentence each. */
  notModelled?: readonly string[]
  /** Milliseconds that a body may take after its headers, if the vendor documents a limit. */
  bodyTimeoutMs?: number
  /** Names of what is secret. A session file has `<redacted>` in the place of the values. */
  secrets?: Secrets
  /** Credential of the sender in a request, so that a workspace can claim it. */
  credential?(request: Request): string | undefined
  /** Decrypted request for display, for vendors with sealed bodies. Reads only. */
  reveal?(scope: Scope<T>, request: Request): Promise<unknown>
  /** Layers of a sealed request and its reply, as far as the stored keys decrypt them. Reads only. */
  unseal?(scope: Scope<T>, request: Request, reply: Reply | null): Promise<Unsealed>
  /** Handlers of timers, by the kind they were scheduled with. */
  timers?: Readonly<Record<string, TimerHandler<T>>>
  /** Retry rules of deliveries, by kind. */
  webhooks?: Readonly<Record<string, WebhookKind>>
  /** Called when the marketplace changes a purchase; runs in the transaction of that change. */
  onMarketplaceChange?(scope: Scope<T>, db: VendorTables<T>, transaction: Transaction, change: PurchaseChange): Promise<void>
  /**
   * Returns the purchase of a later payment by its id, such as a renewal's transaction id; undefined for every other id. Reads only.
   */
  laterPayment?(db: VendorTables<T>, store: StoreName, id: string): Promise<LaterPayment | undefined>
  /**
   * Called for rows that a seed or a control call wrote or deleted, by table. Runs in the transaction that
   * writes the row, after all of its rows are written, so that timers are set and cancelled together with the rows they belong to.
   */
  onRowWritten?: { readonly [Name in keyof T]?: RowFollower<T, T[Name]> }
  /** Called when a store of the marketplace becomes reachable again, before the control call that changed it is answered. */
  onStoreReachable?(scope: Scope<T>, store: string): Promise<void>
  /** The answer that this vendor would give to exactly this receipt, unwrapping nothing; undefined if it takes no such receipt. */
  judge?(scope: Scope<T>, receipt: PresentedReceipt): Promise<string | undefined>
  /** Apps configured under a package name or bundle id, with the keys that verify their receipts. */
  configuredApps?(scope: Scope<T>, store: 'google_play' | 'app_store', id: string): Promise<readonly ConfiguredApp[]>
  /** Returns the request that presents a minted receipt, with credentials of the default seed; undefined if the vendor takes no such receipt. */
  present?(minted: MintedReceipt): ReceiptRequest | undefined
  /**
   * Returns the body of the notification that the vendor sends about a minted purchase, `type` of the vendor's types if that is given;
   * undefined if it sends none for such a receipt. Sends nothing. @throws Problem if there is no such type
   */
  notification?(scope: Scope<T>, minted: MintedReceipt, type: string | undefined): Promise<string | undefined>
  /** Reads a text that is not a receipt but another message of this vendor, such as a notification; undefined for every other text. */
  inspect?(scope: Scope<T>, text: string): Promise<InspectedMessage | undefined>
  /**
   * Called for each minted receipt of a store, after it was signed. Registers its purchases unless that is not wanted, and returns members to add
   * to the response of minting.
   */
  onMinted?(scope: Scope<T>, minted: MintedReceipt): Promise<Readonly<Record<string, unknown>>>
  /** The kind of receipt that only this vendor can mint and read, because its tables hold the keys. */
  ownReceipt?: OwnReceipt<T>
  /** Control calls under `/_sandbox/vendors/{id}`. */
  control?: readonly ControlRoute<T>[]
}

/** A payment of a purchase after its first one. */
export interface LaterPayment {
  /** Token of the store's row. */
  token: string
  /** True if others followed it, so that an action on its money leaves the row as it is. */
  isPast?: boolean
}

/** Result of reading a message of a vendor. */
export interface InspectedMessage {
  /** The kind of message, with the vendor in front: `google_play notification`. */
  format: string
  claims: unknown
  checks: Check[]
}

/** Names of secret values. Authorization and cookie headers and private keys in PEM are secret for every vendor. */
export interface Secrets {
  /** Members of rows, as `table.member`. */
  rows: readonly string[]
  /** Those that hold RSA private keys. An opened session has a key of the sandbox in their place, as `<redacted>` is not a key. */
  privateKeys?: readonly string[]
  /** Members, parameters and headers of requests and replies, in any case. */
  messages: readonly string[]
}

/** Decrypted layers of a request and of its reply, the outermost first; empty if nothing was sealed. */
export interface Unsealed {
  request: readonly UnsealedLayer[]
  reply: readonly UnsealedLayer[]
}

/** Content of one layer, or the reason why it could not be decrypted. */
export interface UnsealedLayer {
  title: string
  text: string | null
  note?: string
}

/** One call of a vendor's API: a value, so that documents and coverage are made from it. */
export interface Route<T extends Tables = Tables> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
  /** With parameters in braces: `/api/v1/games/{package}/purchases`. The last segment may end with a verb: `/tokens/{token}:consume`. */
  path: string
  /** True if path parameters may be empty: `/transactions/` then has an empty id, in place of no route. */
  hasEmptyParameters?: boolean
  /** Hosts of the vendor that serve it; absent: all of them. Every host that is not the vendor's own serves it as well. */
  hosts?: readonly string[]
  summary: string
  evidence: Evidence
  /** Schemas of the request as sent, for the documents. */
  request?: RequestShape
  /** Outcomes by name, each with its status and its verdict. */
  outcomes: Readonly<Record<string, Outcome>>
  /** Meaning and schema of each status, for the documents. */
  responses?: Readonly<Record<number, ResponseShape>>
  handle(call: Call<T>): Promise<Reply> | Reply
}

export interface RequestShape {
  headers?: z.ZodObject
  query?: z.ZodObject
  json?: z.ZodType
  form?: z.ZodType
  /** A body that is accepted with the default seed, and such values of path, query and header parameters, by name. */
  example?: unknown
  examples?: Readonly<Record<string, string>>
  /** State that must exist before any request succeeds, as a sentence; the examples then only show the form. */
  needs?: string
}

export interface ResponseShape {
  description: string
  schema?: z.ZodType
  example?: unknown
  /** Media type of the body; absent: JSON if there is a schema or an example, else no body. */
  mediaType?: string
}

/** Failures of the framework, for which each vendor has its own reply. */
export type Failure =
  | { kind: 'not-found' }
  | { kind: 'method-not-allowed'; allow: readonly string[] }
  | { kind: 'body-too-large'; limitBytes: number }
  | { kind: 'body-stalled' }
  | { kind: 'uri-too-long'; limitBytes: number }
  /** The disk is full or the size limit is reached. */
  | { kind: 'storage-full'; detail: string }
  /** The shared store is unreachable. */
  | { kind: 'unavailable'; detail: string }
  /** A bug of the sandbox: the vendor's 500. */
  | { kind: 'failed'; error: unknown }

export interface NamedReply {
  status: number
  summary: string
  reply(request: Request): Reply
}

/** Tables, clock, ids and keys for vendor code, in calls, timers and control calls alike. */
export interface Scope<T extends Tables = Tables> {
  readonly workspace: string
  /** Time of the call by the workspace's clock; it does not change during the call. */
  readonly now: Date
  readonly ids: Ids
  readonly keys: Keyring
  /**
   * Runs a transaction over this vendor's tables, exclusively in the workspace: all of it is committed or nothing. Receipts are verified outside where
   * possible, so that the workspace is not blocked.
   */
  transact<R>(work: (db: VendorTables<T>, transaction: Transaction) => Promise<R>): Promise<R>
  /** True if a store of the marketplace is reachable now. */
  reachable(store: string): boolean
}

/** One request under way. */
export interface Call<T extends Tables = Tables> extends Scope<T> {
  /** Id of its traffic entry. */
  readonly id: string
  readonly request: Request
  /** Sets the outcome, one of the route's, and explains it in a sentence with the values. The last call counts. */
  explain(outcome: string, sentence: string, details?: Explanation): void
  /** Sets decrypted payloads for display, if the bodies are sealed. */
  reveal(parsed: { request?: unknown; reply?: unknown }): void
}

/** Details of an explanation beside its sentence. */
export interface Explanation {
  /** Differences that the real service may have, one sentence each. */
  warnings?: readonly string[] | undefined
  /** Members of the request that caused a refusal, with the values that would have been accepted. */
  expected?: readonly ExpectedMember[] | undefined
}

/** A member of a request that a rule did not accept. */
export interface ExpectedMember {
  /** JSON pointer into the entry: `/body/amount`, `/headers/authorization`, `/query/game_id`. */
  pointer: string
  /** The value as the rule saw it; undefined if it is absent. */
  got: unknown
  /** A value that would have been accepted, or a description of such values. */
  expected: unknown
}

/** Reacts to a row that a seed or a control call added, changed or deleted. */
export type RowFollower<T extends Tables = Tables, Of extends Table = Table> = (
  scope: Scope<T>,
  db: VendorTables<T>,
  transaction: Transaction,
  change: { before: RowOf<Of> | undefined; after: RowOf<Of> | undefined },
) => Promise<void>

/** A vendor's tables inside a transaction. */
export type VendorTables<T extends Tables = Tables> = { readonly [Name in keyof T]: TableAccess<T[Name]> }

/** One table inside a transaction. Key values are in the order of the table's key fields. */
export interface TableAccess<T extends Table> {
  get(...key: string[]): Promise<RowOf<T> | undefined>
  put(row: RowOf<T>): void
  delete(...key: string[]): Promise<boolean>
  /** All rows in the order in which they were first written. */
  list(): Promise<RowOf<T>[]>
  where(index: string, value: string): Promise<RowOf<T>[]>
  /** Number of rows. */
  count(): Promise<number>
}

/** Effects of a transaction besides rows, committed or rolled back together with them. */
export interface Transaction {
  readonly marketplace: Marketplace
  /** Calls `timers[kind]` when the workspace's clock reaches `at`. Scheduling the same id again replaces it. */
  schedule(timer: Timer): void
  cancel(id: string): Promise<void>
  /** Queues an outgoing call. Returns its delivery id. The vendor's reply does not wait for it. */
  deliver(delivery: NewDelivery): string
  /** Returns deliveries with their attempts so far, in the order of the ids. Finished ones are deleted after a while, and left out. */
  deliveries(ids: readonly string[]): Promise<DeliveryState[]>
}

/** A queued delivery and what became of it. */
export interface DeliveryState {
  id: string
  event: string
  status: 'waiting' | 'delivered' | 'failed'
  attempts: readonly DeliveryAttempt[]
}

/** One attempt of a delivery by the workspace's clock. The status is null if there was no answer; `error` then names the reason. */
export interface DeliveryAttempt {
  at: string
  status: number | null
  error?: string | undefined
}

export interface Timer {
  /** Unique within the vendor and workspace. */
  id: string
  kind: string
  /** Unix milliseconds. */
  at: number
  data: JsonObject
}

/** Handles a timer. May return what happened in a few words, such as "club.monthly renewed", which the call that moved the clock lists. */
export type TimerHandler<T extends Tables = Tables> = (scope: Scope<T>, timer: Timer) => Promise<string | void>

export interface NewDelivery {
  /** A key of the vendor's `webhooks`. */
  kind: string
  /** Name of the event: `in_app_purchase.created`. */
  event: string
  url: string
  headers: Readonly<Record<string, string>>
  body: string
  /** Deliveries of one lane are sent in order, each after the previous one was received or given up. */
  lane: string
  /** Facts for the functions of its kind; never sent. */
  data?: JsonObject
}

export interface WebhookKind {
  /** Milliseconds between each failed attempt and the next; after the last one the delivery has failed. May depend on the delivery. */
  retryAfterMs: readonly number[] | ((delivery: NewDelivery) => readonly number[])
  /** Headers that are made for each attempt and sent beside those of the delivery: a token that is valid for an hour. */
  attemptHeaders?(delivery: NewDelivery, attempt: AttemptParts): Promise<Readonly<Record<string, string>>>
  /** True if this answer confirms that the delivery was received. */
  received(reply: { status: number; body: string }): boolean
}

/** Time and keys for the headers of an attempt. */
export interface AttemptParts {
  /** By the workspace's clock. */
  at: Date
  /** By the real clock, for tokens that the receiver checks against its own time. */
  realAt: Date
  keys: Keyring
}

/** Configuration of an app, as far as it concerns receipts. */
export interface ConfiguredApp {
  /** Display name: `game sandbox-game`. */
  name: string
  /** Base64 SubjectPublicKeyInfo of the Play Console. */
  licenseKey?: string | undefined
  /** PEM, trusted besides the built-in roots of the App Store. */
  roots?: readonly string[] | undefined
}

/** A kind of receipt that belongs to one vendor, with the control calls under `/_sandbox/receipts/{format}`. */
export interface OwnReceipt<T extends Tables = Tables> {
  format: BareReceipt['format']
  mint: OwnReceiptCall<T>
  /** Decrypts a reply to such a receipt, as the client would. */
  open: OwnReceiptCall<T>
  /** Claims of a receipt, and the checks that it passes. */
  inspect(scope: Scope<T>, receipt: string): Promise<{ claims: unknown; checks: Check[] }>
}

/** A control call for an own kind of receipt; its reply is sent as JSON. */
export interface OwnReceiptCall<T extends Tables = Tables> {
  summary: string
  body: z.ZodType
  /** Description and schema of the reply. */
  reply: { description: string; schema?: z.ZodType }
  /** Description of the refusal with status 422. */
  refusal: string
  handle(scope: Scope<T>, body: unknown): Promise<unknown>
}

/** A control call of a vendor under `/_sandbox/vendors/{id}`; the framework checks the body and replies with problems. */
export interface ControlRoute<T extends Tables = Tables> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the vendor: `/games/{package}/key.der`. */
  path: string
  summary: string
  body?: z.ZodType
  /** Status of success, for the documents; default 200. */
  status?: number
  /** Media type of the body of a success, for the documents; default: JSON, and none with status 204. */
  mediaType?: string
  handle(scope: Scope<T>, input: { params: Readonly<Record<string, string>>; query: URLSearchParams; body: unknown }): Promise<Reply>
}

/** Declares a vendor; the type parameter ties routes and hooks to its tables. */
export function defineVendor<T extends Tables>(vendor: Vendor<T>): Vendor {
  // Handlers are only ever called with a scope over the tables of this same value, which the narrower type describes.
  return vendor as unknown as Vendor
}
