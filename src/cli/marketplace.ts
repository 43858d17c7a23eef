import { Command } from 'commander'
import type { ControlClient } from '../client/control-client.js'
import { connect, withConnection, type ConnectionFlags } from './connection.js'
import { printResult } from './output.js'
import { UsageError, withExamples } from './usage.js'

/** `coinslot store`: the simulated marketplace, its reachability and what it does to purchases. */
export function storeCommand(): Command {
  const command = withConnection(
    new Command('store').summary('the simulated stores: reachable or not; renew, cancel, refund …').description(
      `The simulated Google Play, App Store and Samsung stores.
  coinslot store                       show which are reachable
  coinslot store STORE down|up         make one unreachable, or reachable again
  coinslot store STORE TOKEN ACTION    renew, cancel, refund, grace, expire or
                                       complete a purchase on the store's side`,
    ),
  )
  withExamples(command, [
    'coinslot store',
    'coinslot store google_play down',
    'coinslot store google_play up',
    'coinslot store google_play TOKEN refund',
  ])
  return command
    .argument('[store]', 'google_play, app_store or samsung')
    .argument('[token]', 'up, down, or a purchase token (App Store: transaction id)')
    .argument('[action]', 'what the store does to the purchase')
    .action(async (store: string | undefined, token: string | undefined, action: string | undefined, flags: ConnectionFlags) => {
      const client = connect(flags)
      if (store === undefined) return showAll(client, flags)
      if (token === undefined) return showOne(client, store, flags)
      if (action !== undefined) {
        const path = `upstreams/${encodeURIComponent(store)}/purchases/${encodeURIComponent(token)}/${encodeURIComponent(action)}`
        const row = await client.call<Record<string, unknown>>('POST', path)
        return printResult(flags, row, `${store} ${action}: ${JSON.stringify(row)}`)
      }
      if (token !== 'up' && token !== 'down')
        throw new UsageError(
          `Name an action for the purchase "${token}": renew, cancel, refund, grace, expire or complete. Or give up or down.`,
        )
      const reachable = token === 'up'
      await client.call('PUT', `upstreams/${encodeURIComponent(store)}`, { reachable })
      printResult(flags, { [store]: { reachable } }, line(store, reachable))
    })
}

async function showAll(client: ControlClient, flags: ConnectionFlags): Promise<void> {
  const stores = await client.call<Record<string, { reachable: boolean }>>('GET', 'upstreams')
  const lines = Object.entries(stores).map(([store, { reachable }]) => line(store, reachable))
  printResult(flags, stores, lines.join('\n'))
}

async function showOne(client: ControlClient, store: string, flags: ConnectionFlags): Promise<void> {
  const shown = await client.call<{ reachable: boolean }>('GET', `upstreams/${encodeURIComponent(store)}`)
  printResult(flags, { [store]: shown }, line(store, shown.reachable))
}

function line(store: string, reachable: boolean): string {
  return `${store} is ${reachable ? 'up (reachable)' : 'down (unreachable)'}`
}
