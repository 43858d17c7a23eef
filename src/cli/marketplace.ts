import { Command } from 'commander'
import type { ControlClient } from '../client/control-client.js'
import { connect, withConnection, type ConnectionFlags } from './connection.js'
import { printResult } from './output.js'
import { UsageError, withExamples } from './usage.js'
import { writeAsSent } from '../kernel/json/as-sent.js'

/** `coinslot store`: the simulated marketplace, its reachability and what it does to purchases. */
export function storeCommand(): Command {
  const command = withConnection(
    new Command('store').summary('the simulated stores: reachable or not; renew, cancel, refund …').description(
      `The simulated Google Play, App Store and Samsung stores.
  coinslot store                       show which are reachable
  coinslot store STORE down|up         make one unreachable, or reachable again
  coinslot store STORE TOKEN ACTION [MEMBER=VALUE…]
                                       change a purchase on the store's side:
                                       purchase, renew, cancel, restart,
                                       refund, revoke, grace, hold, recover,
                                       pause, resume, expire, complete,
                                       abandon, acknowledge, consume,
                                       refund-request, refund-decline or
                                       refund-reverse, as the store has them`,
    ),
  )
  withExamples(command, [
    'coinslot store',
    'coinslot store google_play down',
    'coinslot store google_play up',
    'coinslot store google_play TOKEN refund',
    'coinslot store google_play TOKEN purchase productId=gems.10',
    'coinslot store google_play TOKEN grace until=2030-01-01T00:00:00Z',
  ])
  return command
    .argument('[store]', 'google_play, app_store or samsung')
    .argument('[token]', 'up, down, or a purchase token (App Store: transaction id)')
    .argument('[action]', 'what the store does to the purchase')
    .argument('[members...]', 'members of the action: reason=3, until=2030-01-01T00:00:00Z')
    .action(async (...given: [string | undefined, string | undefined, string | undefined, string[], ConnectionFlags]) => {
      const [store, token, action, words, flags] = given
      const client = connect(flags)
      if (store === undefined) return showAll(client, flags)
      if (token === undefined) return showOne(client, store, flags)
      if (action !== undefined) {
        const path = `upstreams/${encodeURIComponent(store)}/purchases/${encodeURIComponent(token)}/${encodeURIComponent(action)}`
        const members = words.length > 0 ? membersIn(words) : undefined
        const isKnown = action === 'purchase' || (await knows(client, store, token))
        const row = await client.call<Record<string, unknown>>('POST', path, members)
        if (!isKnown) {
          process.stderr.write(
            `New purchase: ${store} had none with the token "${token}", and no vendor recorded one, so a row of marketplace.purchases was made. If the token is misspelt, "coinslot requests" shows the right one.\n`,
          )
        }
        return printResult(flags, row, `${store} ${action}: ${writeAsSent(row)}`)
      }
      if (token !== 'up' && token !== 'down')
        throw new UsageError(
          `Name an action for the purchase "${token}", such as renew, cancel or refund; coinslot store --help lists them. Or give up or down.`,
        )
      const reachable = token === 'up'
      await client.call('PUT', `upstreams/${encodeURIComponent(store)}`, { reachable })
      printResult(flags, { [store]: { reachable } }, line(store, reachable))
    })
}

/** True if the store has a row for a purchase, or if a vendor recorded one with this token: the store knows every token that has no row. */
async function knows(client: ControlClient, store: string, token: string): Promise<boolean> {
  const key = encodeURIComponent([store, token].map(encodeURIComponent).join(':'))
  const row = await client.send('GET', `tables/marketplace/purchases/${key}`)
  if (row.ok) return true
  const { purchases } = await client.call<{ purchases: { order: string | null }[] }>('GET', 'purchases?limit=1000')
  return purchases.some(({ order }) => order === token)
}

/** Reads the members of an action; the sandbox checks them. */
function membersIn(words: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value] = /^([A-Za-z]\w*)=(.*)$/s.exec(word) ?? []
      if (name === undefined || value === undefined) throw new UsageError(`"${word}" is not a member of an action; write name=value.`)
      return [name, valueOf(name, value)]
    }),
  )
}

/** Members that are numbers; every other number-like value, such as an order id, stays a string. */
const numbers = new Set([
  'quantity',
  'share',
  'reason',
  'priceMicros',
  'renewals',
  'refundReason',
  'refundSource',
  'refundShare',
  'refundedQuantity',
])

function valueOf(name: string, value: string): unknown {
  if (value === 'true' || value === 'false') return value === 'true'
  if (numbers.has(name) && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  if (!/^[[{]/.test(value)) return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    throw new UsageError(`${name} looks like JSON but is invalid: ${value.slice(0, 80)}`)
  }
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
