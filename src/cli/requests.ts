import { Command } from 'commander'
import type { TrafficEntry } from '../api/types.js'
import { Problem } from '../kernel/problem.js'
import { connect, withConnection, type ConnectionFlags } from './connection.js'
import { readEvents } from './events.js'
import { UsageError } from './usage-error.js'

const filters = ['vendor', 'method', 'path', 'status', 'outcome', 'since', 'limit'] as const
type Filters = Partial<Record<(typeof filters)[number], string>>

/** `coinslot requests`: what a running sandbox was asked and answered. */
export function requestsCommand(): Command {
  const command = withConnection(new Command('requests').description('list what a running sandbox was asked and answered'))
    .option('--follow', 'go on with those that come')
    .option('--vendor <id>', 'of one vendor')
    .option('--method <method>', 'with this method')
    .option('--path <path>', 'on this path; with * at its end a prefix')
    .option('--status <status>', 'answered so: 404, 4xx')
    .option('--outcome <word>', 'with this outcome')
    .option('--since <id>', 'after an entry or an ISO time')
    .option('--limit <n>', 'at most so many')
  return command.action(async ({ follow, ...flags }: ConnectionFlags & Filters & { follow?: boolean }) => {
    const query = new URLSearchParams(
      Object.fromEntries(filters.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]]))) as Record<string, string>,
    )
    const client = connect(flags)
    const { entries } = await client.call<{ entries: TrafficEntry[] }>('GET', `traffic?${query.toString()}`)
    const oldestFirst = entries.toReversed()
    if (flags.json) for (const entry of oldestFirst) process.stdout.write(`${JSON.stringify(entry)}\n`)
    else if (!follow) process.stdout.write(oldestFirst.length > 0 ? `${await tableOf(oldestFirst)}\n` : 'No requests yet.\n')
    else for (const entry of oldestFirst) process.stdout.write(`${lineOf(entry)}\n`)
    if (!follow) return
    const headers: Record<string, string> = oldestFirst.length > 0 ? { 'Last-Event-ID': oldestFirst.at(-1)!.id } : {}
    const reply = await client.send('GET', 'traffic/stream', { headers })
    if (!reply.ok || !reply.body) throw new Problem(reply.status, 'stream', 'The stream did not open.', await reply.text())
    for await (const { data } of readEvents(reply.body)) {
      const entry = JSON.parse(data) as TrafficEntry
      if (matches(entry, flags)) process.stdout.write(`${flags.json ? data : lineOf(entry)}\n`)
    }
  })
}

async function tableOf(entries: readonly TrafficEntry[]): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const table = new Table({
    head: ['id', 'vendor', 'method', 'path', 'status', 'outcome', 'why'],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [null, null, null, 34, null, null, 60],
  })
  for (const { id, vendor, method, path, status, outcome, explanation } of entries) {
    table.push([id, vendor ?? '-', method, path, status ?? 'none', outcome, explanation])
  }
  return table.toString()
}

function lineOf({ id, vendor, method, path, status, outcome, explanation }: TrafficEntry): string {
  return `${id.padEnd(7)} ${vendor ?? '-'} ${method} ${path} ${status ?? 'no answer'} ${outcome}: ${explanation}`
}

/** The stream carries everything; the filters that were asked for hold for it too. */
function matches(entry: TrafficEntry, { vendor, method, path, status, outcome }: Filters): boolean {
  if (vendor !== undefined && entry.vendor !== vendor) return false
  if (method !== undefined && entry.method !== method.toUpperCase()) return false
  if (outcome !== undefined && entry.outcome !== outcome) return false
  if (path !== undefined && !(path.endsWith('*') ? entry.path.startsWith(path.slice(0, -1)) : entry.path === path)) return false
  if (status === undefined) return true
  if (!/^[1-5](\d\d|xx)$/i.test(status)) throw new UsageError(`--status ${status} will not do; use 404 or 4xx.`)
  return status.toLowerCase().endsWith('xx') ? String(entry.status).startsWith(status[0]!) : String(entry.status) === status
}
