import { Command } from 'commander'
import { writeAsSent } from '../kernel/json/as-sent.js'
import { NotFound } from '../kernel/problem.js'
import { connect, withConnection, type ConnectionFlags } from './connection.js'
import { withExamples } from './usage.js'
import { counted, print, printResult } from './output.js'

interface Page {
  rows: { key: string; row: unknown }[]
  total: number
  next: string | null
}

interface Flags extends ConnectionFlags {
  limit?: string
  after?: string
}

/** `coinslot rows`: rows of a table in a running sandbox. */
export function rowsCommand(): Command {
  const command = withConnection(
    new Command('rows').summary('show rows of a table').description('show rows of a table, first written first; without one, the tables'),
  )
  withExamples(command, ['coinslot rows', 'coinslot rows teak players', 'coinslot rows teak players 123456:player-1'])
  return command
    .argument('[vendor]', 'a vendor, or marketplace')
    .argument('[table]', 'one of its tables')
    .argument('[key]', 'one row')
    .option('--limit <n>', 'at most this many rows, up to 1000 (default: 100)')
    .option('--after <key>', 'rows after this one')
    .action(async (vendor: string | undefined, table: string | undefined, key: string | undefined, flags: Flags) => {
      if (vendor === undefined || table === undefined) return listTables(vendor, flags)
      const path = `tables/${encodeURIComponent(vendor)}/${encodeURIComponent(table)}`
      if (key === undefined) return listRows(path, flags)
      const found = await connect(flags).call<{ row: unknown }>('GET', `${path}/${encodeURIComponent(key)}`)
      printResult(flags, found, writeAsSent(found.row, 2))
    })
}

async function listRows(path: string, flags: Flags): Promise<void> {
  const query = new URLSearchParams()
  for (const name of ['limit', 'after'] as const) if (flags[name] !== undefined) query.set(name, flags[name])
  const page = await connect(flags).call<Page>('GET', `${path}?${query.toString()}`)
  if (flags.json) return print(writeAsSent(page))
  for (const { key, row } of page.rows) print(`${key}  ${writeAsSent(row)}`)
  if (page.total === 0) return print('No rows.')
  if (page.next !== null)
    process.stderr.write(`${page.rows.length} of ${counted(page.total, 'row')}; go on with --after '${page.next}', or give --limit.\n`)
}

async function listTables(vendor: string | undefined, flags: Flags): Promise<void> {
  const list = await connect(flags).call<{ tables: { vendor: string; table: string; rows: number }[] }>('GET', 'tables')
  const tables = list.tables.filter((one) => vendor === undefined || one.vendor === vendor)
  if (vendor !== undefined && tables.length === 0) {
    throw new NotFound({
      type: 'unknown-vendor',
      title: 'Vendor not found.',
      detail: `There is no vendor "${vendor}" with tables; available: ${vendorsOf(list.tables)}.`,
    })
  }
  printResult(flags, { tables }, tables.map((one) => `${one.vendor} ${one.table}  ${counted(one.rows, 'row')}`).join('\n'))
}

function vendorsOf(tables: readonly { vendor: string }[]): string {
  return [...new Set(tables.map(({ vendor }) => vendor))].join(', ')
}
