import { Command, Option } from 'commander'
import type { ControlClient } from '../client/control-client.js'
import { InvalidInput, Problem } from '../kernel/problem.js'
import type { SeedFile } from '../seed/files.js'
import { connect, withConnection, type ConnectionFlags } from './connection.js'
import { counted, print } from './output.js'
import { UsageError, withExamples } from './usage.js'

interface Flags extends ConnectionFlags {
  check?: boolean
  vendor?: string[]
}

/** `coinslot seed`: loads seed documents into the running sandbox, or checks them offline. */
export function seedCommand(): Command {
  const command = withConnection(
    new Command('seed')
      .summary('load seed documents into the running sandbox')
      .description(
        'Loads seed documents into the running sandbox: rows are added, or replaced by their key. Each file is loaded whole or not at all.',
      ),
  )
  withExamples(command, ['coinslot seed --check seeds', 'coinslot seed seeds/players.json', 'coinslot seed seeds --workspace ci-7'])
  return command
    .option('--check', 'check them offline; load nothing')
    .addOption(
      new Option('--vendor <file|package>', 'with --check: a vendor of your own, whose rows they hold; repeatable').argParser(collect),
    )
    .argument('<path...>', 'files, or folders with .json files')
    .action(async (paths: string[], flags: Flags) => {
      if (flags.check) return check(paths, flags)
      if (flags.vendor) throw new UsageError('--vendor is taken with --check only; the running sandbox knows its own vendors.')
      await load(paths, flags)
    })
}

function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value]
}

async function check(paths: readonly string[], { json = false, vendor = [] }: Flags): Promise<void> {
  const [{ loadRoster }, { visibleTables }, { readSeedFiles }] = await Promise.all([
    import('../sandbox/roster.js'),
    import('../workspace/tables.js'),
    import('../seed/files.js'),
  ])
  const roster = await loadRoster(vendor)
  const files = await readSeedFiles(paths, visibleTables(roster), roster)
  for (const file of files) if (json || file.wrongKind === undefined) reportChecked(file, json)
  refuseOtherKinds(files)
  if (files.some((file) => !file.ok)) throw invalidSeed('Fix the lines above and try again.')
}

/** @throws Problem for the first file of another kind, such as a session, with the command that takes it */
function refuseOtherKinds(files: readonly { file: string; wrongKind?: string }[]): void {
  const other = files.find(({ wrongKind }) => wrongKind !== undefined)
  if (other) throw new InvalidInput({ type: 'not-a-seed', title: other.wrongKind ?? '', detail: '' })
}

function reportChecked(file: SeedFile, json: boolean): void {
  if (json) return print(JSON.stringify({ file: file.file, ok: file.ok, errors: file.ok ? [] : file.errors }))
  if (!file.ok) return reportErrors(file.file, file.errors)
  const rows = [...file.seed.rows.values()].reduce((sum, table) => sum + table.length, 0)
  print(`${file.file}: valid: ${counted(rows, 'row')} in ${counted(file.seed.rows.size, 'table')}`)
}

/** Reads every file before the first is loaded, so that a file that is no JSON changes nothing. */
async function load(paths: readonly string[], flags: Flags): Promise<void> {
  const { readSeedTexts } = await import('../seed/files.js')
  const files = await readSeedTexts(paths)
  refuseOtherKinds(files.filter((file) => !file.ok))
  for (const file of files) if (!file.ok) reportErrors(file.file, file.errors)
  if (files.some((file) => !file.ok)) throw invalidSeed('Nothing was loaded. Fix the lines above and try again.')
  const client = connect(flags)
  const loadedFiles: string[] = []
  for (const file of files) {
    if (!file.ok) continue
    const loaded = await loadOne(client, file, loadedFiles)
    const rows = Object.values(loaded).reduce((sum, count) => sum + count, 0)
    const text = `${file.file}: loaded ${counted(rows, 'row')} into ${counted(Object.keys(loaded).length, 'table')}`
    print(flags.json ? JSON.stringify({ file: file.file, loaded }) : text)
    loadedFiles.push(file.file)
  }
}

async function loadOne(
  client: ControlClient,
  { file, document }: { file: string; document: unknown },
  earlier: readonly string[],
): Promise<Record<string, number>> {
  try {
    return (await client.call<{ loaded: Record<string, number> }>('POST', 'seed', document)).loaded
  } catch (error) {
    if (!(error instanceof Problem) || !error.errors) throw error
    reportErrors(file, error.errors)
    const before = earlier.length > 0 ? ` Loaded before it: ${earlier.join(', ')}.` : ''
    throw invalidSeed(`Nothing of ${file} was loaded.${before} Fix the lines above and try again.`)
  }
}

function reportErrors(file: string, errors: readonly { path: string; message: string }[]): void {
  for (const { path, message } of errors) process.stderr.write(`${[file, path].filter(Boolean).join(' ')}: ${message}\n`)
}

function invalidSeed(detail: string): Problem {
  return new InvalidInput({ type: 'invalid-seed', title: 'Invalid seed.', detail })
}
