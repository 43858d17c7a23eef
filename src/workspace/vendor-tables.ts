import type { VendorTables, TableAccess, Vendor } from '../contract.js'
import { keyFrom, keyOf, type JsonObject, type Table, type Tables } from '../kernel/table.js'
import type { Rows } from '../store/store.js'
import type { VendorParts } from './scope.js'

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
