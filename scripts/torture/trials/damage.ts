import { createHash } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { aClient, allRows } from '../client.js'
import { teak } from '../calls.js'
import { inFolder } from '../folder.js'
import { NotStarted, startSandbox } from '../../command.js'
import { expectThat, noWrongs, type Settings, type Trial, type Wrongs } from '../trial.js'

/** Bits that turned over in the middle of the journal or of the state file. */
export const damage: Trial = {
  name: 'damage',
  summary: 'bits turned over, and ends missing, in journal and state file',
  run: (settings) =>
    inFolder(async (folder) => {
      const wrongs = noWrongs()
      const from = join(folder, 'whole')
      await fill(settings, from)
      const times = settings.quick ? 1 : 25
      const damages = [
        ...Array.from({ length: times }, () => ({ file: 'journal.ndjson', change: turnBit })),
        ...Array.from({ length: times }, () => ({ file: 'state.json', change: turnBit })),
        ...Array.from({ length: Math.floor(times / 3) }, () => ({ file: 'state.json', change: cutEnd })),
      ]
      for (const [at, { file, change }] of damages.entries()) {
        const directory = join(folder, `damaged-${at}`)
        cpSync(from, directory, { recursive: true, filter: (path) => basename(path) !== 'lock' })
        const place = change(join(directory, file))
        await refuseAndRecover(settings, directory, { file, place }, wrongs)
        rmSync(directory, { recursive: true })
      }
      return {
        ...wrongs,
        done: `${damages.length} damages`,
        found: ['every start exited 1, named file and way out, and touched nothing', '--recover kept all before and set the rest aside'],
      }
    }),
}

const inState = 20
const inJournal = 20

/** A directory with purchases in the state file and more in the journal, as a kill leaves it. */
async function fill(settings: Settings, directory: string): Promise<void> {
  const args = ['--data', directory]
  const first = await startSandbox(settings, { args })
  await buy(first.url, 1, inState)
  await first.end('SIGTERM')
  const second = await startSandbox(settings, { args })
  await buy(second.url, inState + 1, inState + inJournal)
  await second.end('SIGKILL')
}

async function buy(url: string, from: number, to: number): Promise<void> {
  const client = aClient(url)
  for (let number = from; number <= to; number += 1) await client.ask(teak.call(`o-${number}`))
  client.close()
}

/** @returns where, in bytes */
function turnBit(path: string): number {
  const bytes = readFileSync(path)
  // Not in the last line: what is wrong there may be a write that was never finished.
  const end = bytes.lastIndexOf(10, bytes.length - 2)
  const at = Math.floor(Math.random() * end)
  bytes[at] = bytes[at]! ^ (1 << Math.floor(Math.random() * 8))
  writeFileSync(path, bytes)
  return at
}

function cutEnd(path: string): number {
  const length = Math.floor(Math.random() * (statSync(path).size - 3))
  truncateSync(path, length)
  return length
}

interface Damage {
  file: string
  place: number
}

async function refuseAndRecover(settings: Settings, directory: string, { file, place }: Damage, wrongs: Wrongs): Promise<void> {
  const where = `${file}, byte ${place}`
  const before = fingerprint(directory)
  const refused = await startSandbox(settings, { args: ['--data', directory] }).catch((error: unknown) => error)
  if (!(refused instanceof NotStarted)) {
    wrongs.unclean.push(`${where}: started in spite of the damage`)
    if (refused && typeof refused === 'object' && 'end' in refused)
      await (refused as { end(signal: string): Promise<unknown> }).end('SIGKILL')
    return
  }
  expectThat(refused.ending.code === 1, wrongs.crashed, () => `${where}: ended with ${refused.ending.code ?? refused.ending.signal}`)
  const isSaid = refused.said.includes(file) && refused.said.includes('--recover') && !/\n\s+at /.test(refused.said)
  expectThat(isSaid, wrongs.unclean, () => `${where}: said ${refused.said}`)
  expectThat(fingerprint(directory) === before, wrongs.unclean, () => `${where}: the refused start changed the directory`)

  const kept = file === 'journal.ndjson' ? purchasesBefore(join(directory, file), place) : 0
  const sandbox = await startSandbox(settings, { args: ['--data', directory, '--recover'] }).catch((error: unknown) => String(error))
  if (typeof sandbox === 'string') return void wrongs.crashed.push(`${where}: no start with --recover: ${sandbox}`)
  const rows = await allRows(sandbox.url, 'teak/purchases')
  expectThat(rows.length >= kept, wrongs.lost, () => `${where}: --recover kept ${rows.length} purchases of ${kept} before the damage`)
  const aside = readdirSync(directory).find((name) => name.startsWith('damaged-'))
  expectThat(aside !== undefined, wrongs.unclean, () => `${where}: nothing was set aside`)
  await sandbox.end('SIGKILL')
  const again = await startSandbox(settings, { args: ['--data', directory] }).catch((error: unknown) => String(error))
  if (typeof again === 'string') return void wrongs.crashed.push(`${where}: no start after --recover: ${again}`)
  const after = await allRows(again.url, 'teak/purchases')
  expectThat(after.length === rows.length, wrongs.lost, () => `${where}: ${after.length} purchases after a restart, ${rows.length} before`)
  await again.end('SIGKILL')
}

/** Purchases of the state file, and of the lines that end before a byte of the journal. */
function purchasesBefore(journal: string, place: number): number {
  const before = readFileSync(journal).subarray(0, place).toString('latin1')
  const lines = before.slice(0, before.lastIndexOf('\n') + 1)
  return inState + (lines.match(/"teak\.purchases"/g)?.length ?? 0)
}

function fingerprint(directory: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name)
    if (statSync(path).isFile()) hash.update(name).update(readFileSync(path))
  }
  return hash.digest('hex')
}
