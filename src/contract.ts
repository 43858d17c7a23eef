import type { z } from 'zod'
import type { Evidence } from './kernel/evidence.js'
import type { Ids } from './kernel/ids.js'
import type { Reply } from './kernel/reply.js'
import type { Request } from './kernel/request.js'
import type { JsonObject, RowOf, Table, Tables } from './kernel/table.js'
import type { Marketplace, PurchaseChange } from './marketplace/marketplace.js'
import type { Keyring } from './receipts/keyring.js'
import type { BareReceipt, PresentedReceipt } from './receipts/presented.js'

export type { BareReceipt, PresentedReceipt }

/**
 * Everything the spine knows of a company. Routing, TLS names, the command line, seed and snapshot checks, OpenAPI, the
 * coverage table, the inspector and the contract tests follow from this one value.
 */
export interface Vendor<T extends Tables = Tables> {
  /** URL prefix, table prefix, folder, command-line argument and OpenAPI tag in one. */
  id: string
  title: string
  /** Where the real service was reached. */
  baseUrls: readonly string[]
  /** Host names it answers on, lower case. */
  hosts: readonly string[]
  /** Ports it documents, for `--native-ports`. */
  ports: readonly number[]
  tables: T
  routes: readonly Route<T>[]
  /** What the vendor says where no route gets to speak. */
  voice(failure: Failure, request: Request): Reply
  /** Replies that a fault can ask for by name; together they cover every status in the vendor's tables. */
  replies: Readonly<Record<string, NamedReply>>
  /** What the real service has and this one does not, one thing a line, in words a user can read. */
  notModelled?: readonly string[]
  /** Milliseconds a body may take once the headers are in, where the vendor documents one. */
  bodyTimeoutMs?: number
  /** What in a request tells whose it is, so that a workspace can claim it. */
  credential?(request: Request): string | undefined
  /** The opened request for people, where the body itself says nothing (sealed envelopes). Reads only. */
  reveal?(scope: Scope<T>, request: Request): Promise<unknown>
  /** What stands inside a sealed request and its answer, as far as the keys kept now open them. Reads only. */
  unseal?(scope: Scope<T>, request: Request, reply: Reply | null): Promise<Unsealed>
  /** What falls due, by the kind it was scheduled with. */
  timers?: Readonly<Record<string, TimerHandler<T>>>
  /** How deliveries of a kind are retried and recognised as received. */
  webhooks?: Readonly<Record<string, WebhookKind>>
  /** A simulated store changed its mind about a purchase; runs in the transaction of that change. */
  onMarketplaceChange?(scope: Scope<T>, db: Slice<T>, transaction: Transaction, change: PurchaseChange): Promise<void>
  /**
   * What follows from rows that others wrote: a seed, or a control call that put or deleted one. By table; runs in the transaction that
   * writes the row, once all of its rows are written, so that timers come and go with the rows they belong to.
   */
  onRowWritten?: { readonly [Name in keyof T]?: RowFollower<T, T[Name]> }
  /** A store became reachable again; runs after the control call that said so, before it answers. */
  onStoreReachable?(scope: Scope<T>, store: string): Promise<void>
  /** The answer that this vendor would give to exactly this receipt, unwrapping nothing; undefined if it takes no such receipt. */
  judge?(scope: Scope<T>, receipt: PresentedReceipt): Promise<string | undefined>
  /** The apps configured under a package name or bundle id, with what their receipts are judged by. */
  configuredApps?(scope: Scope<T>, store: 'google_play' | 'app_store', id: string): Promise<readonly ConfiguredApp[]>
  /** Calls of its own under `/_sandbox/vendors/{id}`. */
  control?: readonly ControlRoute<T>[]
}

/** Layers of a request and of its answer, the outermost first; none where nothing was sealed. */
export interface Unsealed {
  request: readonly UnsealedLayer[]
  reply: readonly UnsealedLayer[]
}

/** What one layer held, or why it stayed shut. */
export interface UnsealedLayer {
  title: string
  text: string | null
  note?: string
}

/** One call of a vendor's API: a value, so that documents, coverage and badges come from it. */
export interface Route<T extends Tables = Tables> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
  /** With parameters in braces: `/api/v1/games/{package}/purchases`. */
  path: string
  summary: string
  evidence: Evidence
  /** Shapes as sent, for the documents. */
  request?: RequestShape
  /** Each outcome's status, or statuses. */
  outcomes: Readonly<Record<string, number | readonly number[]>>
  /** What each status means and looks like, for the documents. */
  responses?: Readonly<Record<number, ResponseShape>>
  handle(call: Call<T>): Promise<Reply> | Reply
}

export interface RequestShape {
  headers?: z.ZodObject
  query?: z.ZodObject
  json?: z.ZodType
  form?: z.ZodType
  /** A body that works against the default seed, and values of path, query and header parameters that do, by name. */
  example?: unknown
  examples?: Readonly<Record<string, string>>
  /** What has to be there before any request succeeds, as a sentence; the examples then show the form alone. */
  needs?: string
}

export interface ResponseShape {
  description: string
  schema?: z.ZodType
  example?: unknown
}

/** Failures of the framework, which each vendor puts in its own words. */
export type Failure =
  | { kind: 'not-found' }
  | { kind: 'method-not-allowed'; allow: readonly string[] }
  | { kind: 'body-too-large'; limitBytes: number }
  | { kind: 'body-stalled' }
  | { kind: 'uri-too-long'; limitBytes: number }
  /** The disk or the size limit. */
  | { kind: 'storage-full'; detail: string }
  /** The shared store cannot be reached. */
  | { kind: 'unavailable'; detail: string }
  /** A bug of ours: the vendor's 500. */
  | { kind: 'failed'; error: unknown }

export interface NamedReply {
  status: number
  summary: string
  reply(request: Request): Reply
}

/** What any code of a vendor gets, wherever it was woken from. */
export interface Scope<T extends Tables = Tables> {
  readonly workspace: string
  /** One moment for the whole call, by the workspace's clock. */
  readonly now: Date
  readonly ids: Ids
  readonly keys: Keyring
  /**
   * Runs work over this vendor's tables, alone in the workspace; all of it lands or none. Receipts are verified outside where
   * possible, so that the workspace is not held up.
   */
  transact<R>(work: (db: Slice<T>, transaction: Transaction) => Promise<R>): Promise<R>
  /** Whether a simulated store answers at the moment. */
  reachable(store: string): boolean
}

/** One request being answered. */
export interface Call<T extends Tables = Tables> extends Scope<T> {
  /** The id of its traffic entry. */
  readonly id: string
  readonly request: Request
  /** Names what was decided, one of the route's outcomes, and says why in a sentence with the values. The last word counts. */
  explain(outcome: string, sentence: string, warnings?: readonly string[]): void
  /** The opened payloads for people, where the bodies themselves say nothing. */
  reveal(parsed: { request?: unknown; reply?: unknown }): void
}

/** Does what follows from a row that came, changed or went by the hand of others. */
export type RowFollower<T extends Tables = Tables, Of extends Table = Table> = (
  scope: Scope<T>,
  db: Slice<T>,
  transaction: Transaction,
  change: { before: RowOf<Of> | undefined; after: RowOf<Of> | undefined },
) => Promise<void>

/** A vendor's tables inside a transaction. */
export type Slice<T extends Tables = Tables> = { readonly [Name in keyof T]: TableAccess<T[Name]> }

/** One table inside a transaction. Key values come in the order of the table's key fields. */
export interface TableAccess<T extends Table> {
  get(...key: string[]): Promise<RowOf<T> | undefined>
  put(row: RowOf<T>): void
  delete(...key: string[]): Promise<boolean>
  /** First written first. */
  list(): Promise<RowOf<T>[]>
  where(index: string, value: string): Promise<RowOf<T>[]>
  /** How many rows there are. */
  count(): Promise<number>
}

/** What a transaction can do beside rows, landing or failing with them. */
export interface Transaction {
  readonly marketplace: Marketplace
  /** Wakes `timers[kind]` when the workspace's clock reaches `at`. The same id again replaces it. */
  schedule(timer: Timer): void
  cancel(id: string): Promise<void>
  /** Queues an outgoing call; answers its delivery id. The vendor's own answer never waits for it. */
  deliver(delivery: NewDelivery): string
}

export interface Timer {
  /** Unique within the vendor and workspace. */
  id: string
  kind: string
  /** Unix milliseconds. */
  at: number
  data: JsonObject
}

export type TimerHandler<T extends Tables = Tables> = (scope: Scope<T>, timer: Timer) => Promise<void>

export interface NewDelivery {
  /** A key of the vendor's `webhooks`. */
  kind: string
  /** What happened, for people: `in_app_purchase.created`. */
  event: string
  url: string
  headers: Readonly<Record<string, string>>
  body: string
  /** Deliveries of one lane go out in order, each after the one before was received or given up. */
  lane: string
}

export interface WebhookKind {
  /** Milliseconds after each failed attempt until the next; when they are used up the delivery is given up. */
  retryAfterMs: readonly number[]
  /** Whether this answer means that it was received. */
  received(reply: { status: number; body: string }): boolean
}

/** What a vendor holds of an app, as far as its receipts are concerned. */
export interface ConfiguredApp {
  /** For people: `game sandbox-game`. */
  name: string
  /** Base64 SubjectPublicKeyInfo of the Play Console. */
  licenseKey?: string | undefined
  /** PEM, believed beside the built-in roots of the App Store. */
  roots?: readonly string[] | undefined
}

/** One call of a vendor's own under `/_sandbox/vendors/{id}`; the spine checks the body and answers problems. */
export interface ControlRoute<T extends Tables = Tables> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the vendor: `/games/{package}/key.der`. */
  path: string
  summary: string
  body?: z.ZodType
  /** What it answers with when all is well, for the documents; 200 unless told. */
  status?: number
  handle(scope: Scope<T>, input: { params: Readonly<Record<string, string>>; query: URLSearchParams; body: unknown }): Promise<Reply>
}

/** Declares a vendor; the type parameter ties routes and hooks to its tables. */
export function defineVendor<T extends Tables>(vendor: Vendor<T>): Vendor {
  // Handlers are only ever called with a scope over the tables of this same value, which the narrower type describes.
  return vendor as unknown as Vendor
}
