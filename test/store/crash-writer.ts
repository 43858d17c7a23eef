import { openEmbeddedStore } from '../../src/store/embedded-store.js'
import { storeOptions } from './fixtures.js'

/**
 * The process that crash.test.ts kills: writes orders as fast as it can, sixteen at a time, and prints the number of each that
 * was acknowledged. It compacts all the time, too.
 */
const [directory = '', sync = 'interval', first = '0'] = process.argv.slice(2)
const store = await openEmbeddedStore({ ...storeOptions(), directory, sync: sync === 'always' ? 'always' : 'interval' })
let next = Number(first)

async function write(): Promise<void> {
  for (;;) {
    const number = next++
    const id = `o-${number}`
    await store.transact('w', async (rows) => {
      rows.put('shop.orders', id, { id, player: 'ann' })
      // The counter says how many orders there are, in the same transaction.
      const count = Number((await rows.get('shop.players', 'ann'))?.level ?? 0)
      rows.put('shop.players', 'ann', { name: 'ann', level: count + 1 })
    })
    process.stdout.write(`${number}\n`)
  }
}

async function compact(): Promise<void> {
  for (;;) await store.compact()
}

void compact()
await Promise.all(Array.from({ length: 16 }, write))
