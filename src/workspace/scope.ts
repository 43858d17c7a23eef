import type { DeliveryState, NewDelivery, Scope, TableAccess, Timer, Transaction, Vendor, VendorTables } from '../contract.js'
import type { Ids } from '../kernel/ids.js'
import { keyFrom, keyOf, type JsonObject, type Table, type Tables } from '../kernel/table.js'
import type { ChangeCause, Marketplace, PurchaseChange, PurchaseFilter, StoreName, StorePurchase } from '../marketplace/marketplace.js'
import type { Keyring } from '../receipts/keyring.js'
import type { Change, Rows } from '../store/store.js'
import type { DeliveryRow } from './tables.js'
import type { Setting, Workspace } from './workspace.js'

/** The part of a vendor that every scope over it shares. */
export interface VendorParts {
  id: string
  tables: (rows: Rows) => VendorTables
  /** The vendors that follow the marketplace, this one included. */
  followers: readonly MarketplaceFollower[]
}

/** A vendor that is called when the marketplace changes a purchase. */
interface MarketplaceFollower {
  parts: VendorParts
  follow: NonNullable<Vendor['onMarketplaceChange']>
}

/** The vendors that are on, with what a scope over one of them needs. */
export interface VendorSet {
  vendors: readonly Vendor[]
  /** By vendor id. */
  vendorParts: ReadonlyMap<string, VendorParts>
  keys: Keyring
}

/** Scope of a vendor that is on, for code that runs outside of a call; `now` is the workspace's time unless given. */
export function scopeOf({ vendorParts, keys }: VendorSet, space: Workspace, setting: Setting, vendor: string, now?: Date): WorkspaceScope {
  return new WorkspaceScope(vendorParts.get(vendor)!, space, setting, keys, now)
}

/** A vendor's scope in one workspace at one time, for calls, timers and control routes. */
export class WorkspaceScope implements Scope {
  readonly now: Date
  /** Rows touched so far, for the traffic entry. */
  changes: readonly Change[] = none

  constructor(
    readonly parts: VendorParts,
    readonly space: Workspace,
    readonly setting: Setting,
    readonly keys: Keyring,
    now?: Date,
  ) {
    this.now = now ?? space.now(setting)
  }

  get workspace(): string {
    return this.space.name
  }

  get ids(): Ids {
    return this.space.ids
  }

  async transact<R>(work: (db: VendorTables, transaction: Transaction) => Promise<R>): Promise<R> {
    const { value, changes } = await this.space.transact((rows) => work(this.parts.tables(rows), this.transaction(rows)))
    if (changes.length > 0) this.changes = this.changes.length > 0 ? [...this.changes, ...changes] : changes
    return value
  }

  reachable(store: string): boolean {
    return !this.setting.unreachable.has(store)
  }

  /** Timers, deliveries and the marketplace inside a transaction that is already under way. */
  transaction(rows: Rows): Transaction {
    return new RowTransaction(rows, this)
  }

  /** Calls every vendor that follows the marketplace, inside a transaction that is already under way. */
  async callMarketplaceFollowers(rows: Rows, change: PurchaseChange): Promise<void> {
    for (const { parts, follow } of this.parts.followers) {
      const own = new WorkspaceScope(parts, this.space, this.setting, this.keys, this.now)
      await follow(own, parts.tables(rows), own.transaction(rows), change)
    }
  }
}

const none: readonly Change[] = Object.freeze([])

class RowTransaction implements Transaction, Marketplace {
  constructor(
    readonly rows: Rows,
    readonly scope: WorkspaceScope,
  ) {}

  get marketplace(): Marketplace {
    return this
  }

  async purchase(store: StoreName, token: string): Promise<StorePurchase | undefined> {
    // Rows of this table passed its schema at the boundary.
    return (await this.rows.get(purchasesTable, keyFrom([store, token]))) as StorePurchase | undefined
  }

  async list(store: StoreName, { app, customer }: PurchaseFilter = {}): Promise<StorePurchase[]> {
    const { rows } = this
    const found =
      customer !== undefined
        ? await rows.where(purchasesTable, 'byCustomer', keyFrom([store, customer]))
        : app !== undefined
          ? await rows.where(purchasesTable, 'byApp', keyFrom([store, app]))
          : await rows.list(purchasesTable)
    // As above.
    const purchases = found.map(({ row }) => row as StorePurchase)
    return purchases.filter((row) => row.store === store && (app === undefined || row.app === app))
  }

  async change(store: StoreName, token: string, row: Omit<StorePurchase, 'store' | 'token'>, cause?: ChangeCause): Promise<StorePurchase> {
    const before = await this.purchase(store, token)
    const after: StorePurchase = { ...row, store, token }
    this.rows.put(purchasesTable, keyFrom([store, token]), after)
    await this.scope.callMarketplaceFollowers(this.rows, { store, token, before, after, cause })
    return after
  }

  schedule(timer: Timer): void {
    this.rows.put('sandbox.timers', keyFrom([this.scope.parts.id, timer.id]), { vendor: this.scope.parts.id, ...timer })
  }

  async cancel(id: string): Promise<void> {
    await this.rows.delete('sandbox.timers', keyFrom([this.scope.parts.id, id]))
  }

  deliver(delivery: NewDelivery): string {
    const id = `d-${this.scope.ids.uuid()}`
    this.rows.put(deliveriesTable, id, { id, vendor: this.scope.parts.id, ...delivery, status: 'waiting', attempts: [] })
    return id
  }

  async deliveries(ids: readonly string[]): Promise<DeliveryState[]> {
    const found: DeliveryState[] = []
    for (const id of ids) {
      // Rows of this table are written by the sandbox alone.
      const row = (await this.rows.get(deliveriesTable, id)) as DeliveryRow | undefined
      if (row?.vendor !== this.scope.parts.id) continue
      const attempts = row.attempts.map(({ at, status, error }) => ({ at, status, ...(error !== undefined && { error }) }))
      found.push({ id, event: row.event, status: row.status, attempts })
    }
    return found
  }
}

const purchasesTable = 'marketplace.purchases'
const deliveriesTable = 'sandbox.deliveries'

/** Returns a function that gives a vendor's tables in a transaction. The class is made once, so that a transaction makes one small object. */
export function vendorTablesOf(vendor: string, tables: Tables): (rows: Rows) => VendorTables {
  class TablesInTransaction {
    constructor(readonly rows: Rows) {}
  }
  for (const [name, table] of Object.entries(tables)) {
    const fullName = `${vendor}.${name}`
    Object.defineProperty(TablesInTransaction.prototype, name, {
      get(this: TablesInTransaction) {
        return new RowAccess(this.rows, fullName, table)
      },
    })
  }
  return (rows) => new TablesInTransaction(rows) as unknown as VendorTables
}

/** Parts that the scopes of a vendor share, by vendor id. */
export function vendorPartsOf(vendors: readonly Vendor[]): Map<string, VendorParts> {
  const followers: MarketplaceFollower[] = []
  const parts = new Map(vendors.map(({ id, tables }) => [id, { id, tables: vendorTablesOf(id, tables), followers }]))
  for (const vendor of vendors) {
    if (vendor.onMarketplaceChange) followers.push({ parts: parts.get(vendor.id)!, follow: vendor.onMarketplaceChange.bind(vendor) })
  }
  return parts
}

class RowAccess implements TableAccess<Table> {
  constructor(
    readonly rows: Rows,
    readonly name: string,
    readonly table: Table,
  ) {}

  get(...key: string[]): Promise<JsonObject | undefined> {
    return this.rows.get(this.name, keyFrom(key))
  }

  put(row: JsonObject): void {
    this.rows.put(this.name, keyOf(this.table, row), row)
  }

  delete(...key: string[]): Promise<boolean> {
    return this.rows.delete(this.name, keyFrom(key))
  }

  count(): Promise<number> {
    return this.rows.count(this.name)
  }

  async list(): Promise<JsonObject[]> {
    return (await this.rows.list(this.name)).map(({ row }) => row)
  }

  async where(index: string, value: string): Promise<JsonObject[]> {
    return (await this.rows.where(this.name, index, value)).map(({ row }) => row)
  }
}
