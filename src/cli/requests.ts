import { Command, Option } from 'commander'
import type { TrafficEntry } from '../client/types.js'
import type { ControlClient } from '../client/control-client.js'
import { entriesOf } from '../client/entries.js'
import { parseWithLargeNumbers, writeAsSent } from '../kernel/json/as-sent.js'
import { verdicts } from '../kernel/outcome.js'
import { Problem, ServiceUnavailable } from '../kernel/problem.js'
import { connect, withConnection, type ConnectionFlags } from './connection.js'
import { entryText, wholeEntryText } from './entry-text.js'
import { colorsFor, print, printResult } from './output.js'
import { UsageError, withExamples } from './usage.js'

const filters = ['vendor', 'method', 'path', 'status', 'outcome', 'verdict', 'since', 'limit'] as const
type Filters = Partial<Record<(typeof filters)[number], string>>

/** `coinslot requests`: requests that a running sandbox received, with its replies. */
export function requestsCommand(): Command {
  const command = withConnection(
    new Command('requests')
      .summary('list requests with their replies and why')
      .description('list the requests that a running sandbox received, with its replies, oldest first'),
  )
    .argument('[id]', 'one entry whole: expected values, headers, bodies, changed rows')
    .option('--follow', 'print new entries as they come')
    .option('--vendor <id>', 'of one vendor')
    .option('--method <method>', 'with this method')
    .option('--path <path>', 'on this path; with * at its end a prefix')
    .option('--status <status>', 'with this status: 404, 4xx')
    .option('--outcome <word>', 'with this outcome')
    .addOption(new Option('--verdict <word>', 'with this verdict').choices(verdicts))
    .option('--since <id>', 'after an entry or an ISO time')
    .option('--limit <n>', 'at most this many (default: 100)')
  withExamples(command, [
    'coinslot requests',
    'coinslot requests --verdict refused',
    'coinslot requests --vendor teak --status 4xx',
    'coinslot requests r-1',
  ])
  return command.action(async (id: string | undefined, { follow, ...flags }: ConnectionFlags & Filters & { follow?: boolean }) => {
    const client = connect(flags)
    if (id !== undefined) {
      const entry = await client.call<TrafficEntry>('GET', `traffic/${encodeURIComponent(id)}`)
      return printResult(flags, entry, wholeEntryText(entry, colorsFor(process.stdout)))
    }
    const isShown = filterOf(flags)
    const query = new URLSearchParams(
      Object.fromEntries(filters.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]]))) as Record<string, string>,
    )
    const entries = await entriesOf(client, new URLSearchParams({ limit: '100', ...Object.fromEntries(query) }))
    const oldestFirst = entries.toReversed()
    for (const entry of oldestFirst) show(entry, flags)
    if (oldestFirst.length === 0 && !flags.json)
      print(query.size > 0 ? 'No request matches.' : 'No requests since the start of the sandbox or the last reset.')
    if (follow) await followFrom(client, oldestFirst.at(-1)?.id, (entry) => isShown(entry) && show(entry, flags))
  })
}

function show(entry: TrafficEntry, { json }: ConnectionFlags): void {
  print(json ? writeAsSent(entry) : entryText(entry, colorsFor(process.stdout)))
}

async function followFrom(client: ControlClient, last: string | undefined, onEntry: (entry: TrafficEntry) => void): Promise<void> {
  const reply = await client.send('GET', 'traffic/stream', { headers: last === undefined ? {} : { 'Last-Event-ID': last } })
  if (!reply.ok || !reply.body)
    throw new Problem(reply.status, { type: 'stream', title: 'The stream did not open.', detail: await reply.text() })
  try {
    for await (const { data } of readEvents(reply.body)) onEntry(parseWithLargeNumbers(data) as TrafficEntry)
  } catch (error) {
    if (error instanceof SyntaxError) throw error
    throw new ServiceUnavailable({
      type: 'no-sandbox',
      title: 'The sandbox closed the stream.',
      detail: `${(error as Error).message}. Start it again, and then this command.`,
    })
  }
}

/** The stream carries every entry, so that the filters are applied to it here. @throws UsageError if the status is invalid */
function filterOf({ vendor, method, path, status, outcome, verdict, limit }: Filters): (entry: TrafficEntry) => boolean {
  if (status !== undefined && !/^[1-5](\d\d|xx)$/i.test(status))
    throw new UsageError(`--status: invalid value "${status}"; use 404 or 4xx.`)
  if (limit !== undefined && !/^[1-9]\d{0,3}$/.test(limit))
    throw new UsageError(`--limit: invalid value "${limit}"; use a whole number from 1 to 1000.`)
  return (entry) => {
    if (vendor !== undefined && entry.vendor !== vendor) return false
    if (method !== undefined && entry.method !== method.toUpperCase()) return false
    if (outcome !== undefined && entry.outcome !== outcome) return false
    if (verdict !== undefined && entry.verdict !== verdict) return false
    if (path !== undefined && !(path.endsWith('*') ? entry.path.startsWith(path.slice(0, -1)) : entry.path === path)) return false
    if (status === undefined) return true
    return status.toLowerCase().endsWith('xx') ? String(entry.status).startsWith(status[0]!) : String(entry.status) === status
  }
}

/** One server-sent event. */
interface ServerEvent {
  id: string | undefined
  event: string
  data: string
}

/** Reads server-sent events from a body until it ends. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true })
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const event = parseEvent(block)
      if (event) yield event
    }
  }
}

function parseEvent(block: string): ServerEvent | undefined {
  const fields = new Map<string, string>()
  for (const line of block.split('\n')) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) fields.set(name, fields.has(name) ? `${fields.get(name)}\n${value}` : value)
  }
  const data = fields.get('data')
  return data === undefined ? undefined : { id: fields.get('id'), event: fields.get('event') ?? 'message', data }
}
