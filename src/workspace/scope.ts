import type { NewDelivery, Scope, TableAccess, Timer, Transaction, Vendor, VendorTables } from '../contract.js'
import type { Ids } from '../kernel/ids.js'
import { keyFrom, keyOf, type JsonObject, type Table, type Tables } from '../kernel/table.js'
import type { Marketplace, StoreName, StorePurchase } from '../marketplace/marketplace.js'
import type { Keyring } from '../receipts/keyring.js'
import type { Change, Rows } from '../store/store.js'
import type { Setting, Workspace } from './workspace.js'

/** The part of a vendor that every scope over it shares. */
export interface VendorParts {
  id: string
  tables: (rows: Rows) => VendorTables
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
    return new RowTransaction(rows, this.parts.id, this.space.ids)
  }
}

const none: readonly Change[] = Object.freeze([])

class RowTransaction implements Transaction, Marketplace {
  constructor(
    readonly rows: Rows,
    readonly vendor: string,
    readonly ids: Ids,
  ) {}

  get marketplace(): Marketplace {
    return this
  }

  async purchase(store: StoreName, token: string): Promise<StorePurchase | undefined> {
    // Rows of this table passed its schema at the boundary.
    return (await this.rows.get('marketplace.purchases', keyFrom([store, token]))) as StorePurchase | undefined
  }

  schedule(timer: Timer): void {
    this.rows.put('sandbox.timers', keyFrom([this.vendor, timer.id]), { vendor: this.vendor, ...timer })
  }

  async cancel(id: string): Promise<void> {
    await this.rows.delete('sandbox.timers', keyFrom([this.vendor, id]))
  }

  deliver(delivery: NewDelivery): string {
    const id = `d-${this.ids.uuid()}`
    this.rows.put('sandbox.deliveries', id, { id, vendor: this.vendor, ...delivery, status: 'waiting', attempts: [] })
    return id
  }
}

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
  return new Map(vendors.map(({ id, tables }) => [id, { id, tables: vendorTablesOf(id, tables) }]))
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
