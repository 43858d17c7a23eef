import { afterEach, describe } from 'vitest'
import type { Store, StoreOptions } from '../../src/store/store.js'
import { rowsConform } from './conformance-rows.js'
import { transactionsConform } from './conformance-transactions.js'
import { workspacesConform } from './conformance-workspaces.js'
import { storeOptions } from './fixtures.js'

/** Opens a new and empty store that is closed with the test. */
export type Opening = (changes?: Partial<StoreOptions>) => Promise<Store>

/** Tests for every store; `open` returns a new and empty one. */
export function storeConformance(title: string, open: (options: StoreOptions) => Promise<Store>): void {
  describe(title, () => {
    const opened: Store[] = []
    const aStore: Opening = async (changes) => {
      const store = await open(storeOptions(changes))
      opened.push(store)
      return store
    }
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close()
    })
    transactionsConform(aStore)
    rowsConform(aStore)
    workspacesConform(aStore)
  })
}
