import { describe, expect, test } from 'vitest'
import { packagedVendors } from '../../src/sandbox/roster.js'
import { aSandbox, type TestSandbox } from '../support/sandbox.js'

interface ExamplePurchase {
  method: string
  path: string
  headers: Record<string, string>
  body?: string
}

describe('the example purchase of', () => {
  test.each(packagedVendors.map(({ id }) => id))('%s is accepted, and no other store has a purchase of it', async (id) => {
    const sandbox = await aSandbox()
    const before = await storeCounts(sandbox)

    const { method, path, headers, body } = (await sandbox.control('POST', `vendors/${id}/purchase`)) as ExamplePurchase
    const reply = await sandbox.ask(`/${id}${path}`, { method, headers, ...(body !== undefined && { body }) })

    const entry = (await sandbox.control('GET', `traffic/${reply.headers.get('x-sandbox-request')}`)) as { verdict: string }
    expect({ status: reply.status, verdict: entry.verdict }).toEqual({ status: 200, verdict: 'accepted' })
    const after = await storeCounts(sandbox)
    const grown = Object.keys(after).filter((table) => after[table] !== before[table])
    expect(grown.toSorted()).toEqual(storesOf[id] ?? [])
  })

  test('a vendor that does not exist is an unknown vendor', async () => {
    const sandbox = await aSandbox()

    const reply = await sandbox.ask('/_sandbox/vendors/acme/purchase', { method: 'POST' })

    expect(reply.status).toBe(404)
  })
})

/** Tables of the stores in which the purchase of a vendor appears: those of the store that sold it. */
const storesOf: Record<string, string[]> = {
  gameofwhales: ['marketplace.purchases'],
  mbaasy: ['marketplace.purchases'],
  google_play: ['google_play.orders', 'marketplace.purchases'],
  app_store: ['app_store.changes', 'app_store.transactions', 'marketplace.purchases'],
  samsung: ['marketplace.purchases', 'samsung.payments'],
}

async function storeCounts(sandbox: TestSandbox): Promise<Record<string, number>> {
  const { tables } = (await sandbox.control('GET', 'tables')) as { tables: { vendor: string; table: string; rows: number }[] }
  const stores = ['marketplace', 'app_store', 'google_play', 'samsung']
  return Object.fromEntries(
    tables.filter(({ vendor }) => stores.includes(vendor)).map(({ vendor, table, rows }) => [`${vendor}.${table}`, rows]),
  )
}
