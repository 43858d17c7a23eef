import type { Vendor } from '../contract.js'
import type { Table } from '../kernel/table.js'
import { marketplaceTables } from './tables.js'

/** The tables that people see and seed of these vendors, by full name, and those of the simulated stores. */
export function visibleTables(vendors: readonly Vendor[]): Map<string, Table> {
  const tables = new Map<string, Table>()
  for (const vendor of vendors) for (const [name, table] of Object.entries(vendor.tables)) tables.set(`${vendor.id}.${name}`, table)
  for (const [name, table] of marketplaceTables) tables.set(name, table)
  return tables
}
