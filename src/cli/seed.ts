import { readFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { Problem } from '../kernel/problem.js'
import type { SeedFile } from '../seed/files.js'
import { connect, withConnection, type ConnectionFlags } from './connection.js'

/** `coinslot seed`: checks seed documents, and loads them where `--url` says. */
export function seedCommand(): Command {
  return withConnection(new Command('seed').description('check seed documents, or load them into a running sandbox with --url'))
    .argument('<path...>', 'files or folders of seed documents')
    .addOption(new Option('--vendor <file|package>', 'a vendor of your own that the documents have rows of; repeatable').argParser(collect))
    .action(async (paths: string[], flags: ConnectionFlags & { vendor?: string[] }, command: Command) => {
      const files = await check(paths, flags.vendor ?? [])
      const isRemote = command.getOptionValueSource('url') !== 'default'
      const wrong = files.filter((file) => !file.ok)
      if (!flags.json || !isRemote || wrong.length > 0) report(files, flags.json === true)
      if (wrong.length > 0)
        throw new Problem(
          422,
          'invalid-seed',
          'A seed is wrong.',
          `${isRemote ? 'Nothing was loaded. ' : ''}Mend the lines above and try again.`,
        )
      if (!isRemote) return
      const client = connect(flags)
      const { parse } = await import('jsonc-parser')
      for (const { file } of files) {
        const document: unknown = parse(await readFile(file, 'utf8'), [], { allowTrailingComma: true })
        const { loaded } = await client.call<{ loaded: Record<string, number> }>('POST', 'seed', document)
        const rows = Object.values(loaded).reduce((sum, count) => sum + count, 0)
        process.stdout.write(flags.json ? `${JSON.stringify({ file, loaded })}\n` : `${file}: loaded ${rows} rows\n`)
      }
    })
}

function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value]
}

async function check(paths: readonly string[], own: readonly string[]): Promise<SeedFile[]> {
  const [{ loadRoster }, { visibleTables }, { readSeedFiles }] = await Promise.all([
    import('../roster.js'),
    import('../workspace/visible-tables.js'),
    import('../seed/files.js'),
  ])
  const roster = await loadRoster(own)
  return readSeedFiles(paths, visibleTables(roster), roster)
}

function report(files: readonly SeedFile[], json: boolean): void {
  for (const file of files) {
    if (json) process.stdout.write(`${JSON.stringify({ file: file.file, ok: file.ok, errors: file.ok ? [] : file.errors })}\n`)
    else if (file.ok) {
      const rows = [...file.seed.rows.values()].reduce((sum, table) => sum + table.length, 0)
      process.stdout.write(`${file.file}: right, ${rows} rows in ${file.seed.rows.size} tables\n`)
    } else for (const { path, message } of file.errors) process.stderr.write(`${file.file} ${path || '/'}: ${message}\n`)
  }
}
