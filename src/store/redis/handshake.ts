import { InternalError, Problem } from '../../kernel/problem.js'
import { StoreUnavailable } from '../store.js'
import type { Client, Connection } from './connect.js'
import { formatMark, type Keyspace } from './keys.js'
import { withStoreErrors } from './run-script.js'

/**
 * Checks that the keys under the prefix belong to this program, and registers this process.
 *
 * @returns the number of this process
 * @throws Problem if something else uses the prefix, or a version with another layout
 */
export async function join({ client, address }: Connection, keys: Keyspace): Promise<number> {
  const known = await readMark(client, keys)
  if (known === undefined) {
    const others = (await withStoreErrors(client.exists(keys.names))) + (await withStoreErrors(client.exists(keys.replicas)))
    // Another process may have registered meanwhile.
    if (others > 0 && (await readMark(client, keys)) !== formatMark) throw clash(address.shown, keys, 'there are keys of something else')
    await withStoreErrors(client.set(keys.format, formatMark, 'NX'))
  }
  const mark = await readMark(client, keys)
  if (mark !== formatMark) throw clash(address.shown, keys, `${keys.format} says "${mark?.slice(0, 40)}" and not "${formatMark}"`)
  return withStoreErrors(client.incr(keys.replicas))
}

/** Registers this process again if the server lost its data. */
export async function rejoin(client: Client, keys: Keyspace, number: number): Promise<void> {
  await client.set(keys.format, formatMark, 'NX')
  if (Number(await client.get(keys.replicas)) < number) await client.set(keys.replicas, number)
}

async function readMark(client: Client, keys: Keyspace): Promise<string | undefined> {
  try {
    return (await withStoreErrors(client.get(keys.format))) ?? undefined
  } catch (error) {
    if (error instanceof StoreUnavailable && error.message.includes('WRONGTYPE')) return '(not a string)'
    throw error
  }
}

function clash(shown: string, { prefix }: Keyspace, why: string): Problem {
  return new InternalError({
    type: 'store-clash',
    title: 'The prefix is taken.',
    detail: `In ${shown} keys beginning with "${prefix}:" are not this program's: ${why}. Choose another prefix with ?prefix=NAME in --store, or another database.`,
  })
}
