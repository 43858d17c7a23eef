import { Command } from 'commander'
import { allDeliveries } from '../client/deliveries.js'
import type { Delivery } from '../client/types.js'
import { NotFound } from '../kernel/problem.js'
import { clientFor, connect, findConnection, withConnection, type ConnectionFlags } from './connection.js'
import { counted, printResult, withoutControls } from './output.js'
import { UsageError, withExamples } from './usage.js'

const statuses = ['waiting', 'delivered', 'failed'] as const

/** `coinslot webhook`: deliveries of a running sandbox, and the webhooks of vendors that have a table of them. */
export function webhookCommand(): Command {
  const webhook = new Command('webhook')
    .summary('list webhooks, send one again, add or remove one')
    .description('list webhooks and callbacks, send one again, add or remove a webhook')
  withExamples(webhook, ['coinslot webhook list', 'coinslot webhook list --status failed'])
  return webhook.addCommand(listCommand()).addCommand(redeliverCommand()).addCommand(addCommand()).addCommand(removeCommand())
}

function listCommand(): Command {
  const command = withConnection(
    new Command('list').summary('list the deliveries').description('list the deliveries with their last answer, oldest first'),
  )
  withExamples(command, ['coinslot webhook list', 'coinslot webhook list --status waiting --json'])
  return command
    .option('--status <status>', `only those that are ${statuses.join(', ')}`)
    .action(async (flags: ConnectionFlags & { status?: string }) => {
      const { status } = flags
      if (status !== undefined && !statuses.some((known) => known === status))
        throw new UsageError(`--status: invalid value "${status}"; use ${statuses.join(', ')}.`)
      const deliveries = (await allDeliveries(connect(flags))).filter((one) => status === undefined || one.status === status)
      const none = status === undefined ? 'No webhooks were sent.' : `No webhook is ${status}.`
      printResult(flags, { deliveries }, deliveries.length > 0 ? deliveries.map(describe).join('\n') : none)
    })
}

function redeliverCommand(): Command {
  const command = withConnection(
    new Command('redeliver').summary('send one again now').description('send the identical request again, once and now'),
  )
  withExamples(command, ['coinslot webhook redeliver --help'])
  return command.argument('<id>', 'a delivery of "webhook list"').action(async (id: string, flags: ConnectionFlags) => {
    const delivery = await connect(flags).call<Delivery>('POST', `webhooks/${encodeURIComponent(id)}/redeliver`)
    printResult(flags, delivery, describe(delivery))
  })
}

function addCommand(): Command {
  const command = withConnection(
    new Command('add').summary('add a webhook').description('add a webhook to the table of a vendor, or replace the one with the same key'),
  )
  withExamples(command, [
    'coinslot webhook add mbaasy appFamilyId=0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01 name=shop url=http://127.0.0.1:4020/ hmacKey=secret',
  ])
  return command
    .argument('<vendor>', 'vendor with a table of webhooks')
    .argument('<member=value...>', 'members of the row; "coinslot rows VENDOR webhooks" shows those that exist')
    .action(async (vendor: string, words: string[], flags: ConnectionFlags) => {
      await checkTable(flags, vendor)
      const row = Object.fromEntries(words.map(memberFrom))
      await connect(flags).call('POST', 'seed', { [vendor]: { webhooks: [row] } })
      printResult(flags, { added: row }, `added a webhook of ${vendor} to ${withoutControls(row['url'] ?? '')}`.trimEnd())
    })
}

function removeCommand(): Command {
  const command = withConnection(
    new Command('remove').summary('remove a webhook').description('remove a webhook from the table of a vendor'),
  )
  withExamples(command, ['coinslot webhook remove --help'])
  return command
    .argument('<vendor>', 'vendor with a table of webhooks')
    .argument('<key>', 'key that "coinslot rows VENDOR webhooks" prints first')
    .action(async (vendor: string, key: string, flags: ConnectionFlags) => {
      await checkTable(flags, vendor)
      await connect(flags).call('DELETE', `tables/${encodeURIComponent(vendor)}/webhooks/${encodeURIComponent(key)}`)
      printResult(flags, { removed: key }, `removed ${key}`)
    })
}

/** @throws NotFound if the vendor keeps its addresses elsewhere */
async function checkTable(flags: ConnectionFlags, vendor: string): Promise<void> {
  // In the default workspace, because another one may not exist yet.
  const { tables } = await clientFor(findConnection(flags), undefined).call<{ tables: { vendor: string; table: string }[] }>(
    'GET',
    'tables',
  )
  const own = tables.filter((one) => one.vendor === vendor)
  if (own.some(({ table }) => table === 'webhooks')) return
  const others = own.map(({ table }) => table).join(', ')
  const detail =
    own.length === 0
      ? `There is no vendor "${vendor}". Vendors with webhooks of their own: ${vendorsWith(tables)}.`
      : `The addresses of ${vendor} are members of rows in its other tables (${others}). Write the row with "coinslot seed FILE".`
  throw new NotFound({ type: 'no-webhooks', title: 'No table of webhooks.', detail })
}

function vendorsWith(tables: readonly { vendor: string; table: string }[]): string {
  return tables.flatMap(({ vendor, table }) => (table === 'webhooks' ? [vendor] : [])).join(', ')
}

function memberFrom(word: string): [name: string, value: string] {
  const [, name, value] = /^(?:--)?([A-Za-z]\w*)=(.*)$/s.exec(word) ?? []
  if (name === undefined || value === undefined) throw new UsageError(`"${word}" is not a member; write name=value.`)
  return [name, value]
}

function describe({ id, vendor, event, status, attempts, reply, error, nextAttemptAt, url }: Delivery): string {
  const answer = error ?? (reply ? String(reply.status) : undefined)
  const parts = [
    `${id}  ${vendor} ${event}  ${status} after ${counted(attempts, 'attempt')}`,
    ...(answer === undefined ? [] : [`last answer ${answer}`]),
    ...(nextAttemptAt === null ? [] : [`next at ${nextAttemptAt}`]),
    url,
  ]
  return withoutControls(parts.join(', '))
}
