import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openEmbeddedStore, type EmbeddedOptions, type EmbeddedStore } from '../../src/store/embedded-store.js'
import type { Rows, Store } from '../../src/store/store.js'
import { storeOptions } from './fixtures.js'

/** An empty folder, deleted after the test. */
export function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'coinslot-store-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A store on a directory, closed with the test; `reports` are its messages. */
export async function openAt(directory: string, changes: Partial<EmbeddedOptions> = {}): Promise<EmbeddedStore & { reports: string[] }> {
  const reports: string[] = []
  const report = (message: string) => void reports.push(message)
  const store = await openEmbeddedStore({ ...storeOptions(), directory, sync: 'never', report, ...changes })
  onTestFinished(() => store.close())
  return { ...store, reports }
}

/** A copy of a directory as a process killed now would leave it. */
export function killed(directory: string): string {
  const copy = aDirectory()
  cpSync(directory, copy, { recursive: true, filter: (path) => basename(path) !== 'lock' })
  return copy
}

/** Puts orders one by one, so that each has a journal line. */
export async function putOrders(store: Store, ids: readonly string[], workspace = 'w'): Promise<void> {
  for (const id of ids) await store.transact(workspace, async (rows) => rows.put('shop.orders', id, { id, player: 'ann' }))
}

/** Ids of all orders. */
export async function orderIds(store: Store, workspace = 'w'): Promise<string[]> {
  const { value } = await store.transact(workspace, async (rows: Rows) => (await rows.list('shop.orders')).map(({ key }) => key))
  return value
}

/** The lines of the journal, with their line breaks. */
export function journalLines(directory: string): string[] {
  return readFileSync(join(directory, 'journal.ndjson'), 'utf8').match(/.*\n/g) ?? []
}
