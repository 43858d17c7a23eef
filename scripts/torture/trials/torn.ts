import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { aClient, allRows, control } from '../client.js'
import { teak } from '../calls.js'
import { inFolder } from '../folder.js'
import { startSandbox } from '../../command.js'
import { expectThat, noWrongs, type Settings, type Trial, type Wrongs } from '../trial.js'

/** A last line that was never finished, cut at every kind of place. */
export const torn: Trial = {
  name: 'torn',
  summary: 'a last journal line cut at every kind of place',
  run: (settings) =>
    inFolder(async (folder) => {
      const wrongs = noWrongs()
      const from = join(folder, 'whole')
      await fill(settings, from)
      const whole = readFileSync(join(from, 'journal.ndjson'))
      const all = places(whole)
      const tried = settings.quick ? all.filter((_place, at) => at % 8 === 1) : all
      for (const [at, place] of tried.entries()) {
        const directory = join(folder, `torn-${at}`)
        cpSync(from, directory, { recursive: true, filter: (path) => basename(path) !== 'lock' })
        writeFileSync(join(directory, 'journal.ndjson'), place.bytes)
        await reopen(settings, directory, place, wrongs)
        rmSync(directory, { recursive: true })
      }
      return { ...wrongs, done: `${tried.length} places`, found: ['every start cut the line and said so; all before it was there'] }
    }),
}

interface Place {
  name: string
  bytes: Buffer
  /** Purchases whose lines are whole. */
  purchases: number
  /** Rows of the seed that came in several lines. */
  players: number
}

const purchases = 3
const players = 12

/** Leaves a killed process's directory: three purchases, then one transaction of several lines, then a purchase. */
async function fill(settings: Settings, directory: string): Promise<void> {
  const sandbox = await startSandbox(settings, { args: ['--data', directory, '--journal-line-limit', '3000'] })
  const client = aClient(sandbox.url)
  for (let number = 1; number <= purchases; number += 1) await client.ask(teak.call(`o-${number}`))
  const rows = Array.from({ length: players }, (_none, at) => ({ gameId: '123456', userId: `${'p'.repeat(500)}-${at}` }))
  await control(sandbox.url, 'POST', 'seed', { teak: { players: rows } })
  await client.ask(teak.call('o-4'))
  client.close()
  await sandbox.end('SIGKILL')
}

function places(whole: Buffer): Place[] {
  const lines: string[] = whole.toString('latin1').match(/.*\n/g) ?? []
  const last = lines.at(-1)!
  const start = whole.length - last.length
  // The seed takes several lines as well, so the last such transaction is meant.
  const groupAt = lines.findLastIndex((line) => line.includes('"part":[1,'))
  const groupLines = lines.slice(groupAt).filter((line) => line.includes('"part":['))
  const groupStart = lines.slice(0, groupAt).join('').length
  const inLast = (name: string, at: number): Place => ({ name, bytes: whole.subarray(0, start + at), purchases: 3, players: 12 })
  const inGroup = (name: string, at: number): Place => ({ name, bytes: whole.subarray(0, groupStart + at), purchases: 3, players: 0 })
  const withEnd = (name: string, end: Buffer): Place => ({ name, bytes: Buffer.concat([whole, end]), purchases: 4, players: 12 })
  return [
    inLast('one byte', 1),
    inLast('in its first word', 5),
    inLast('in its checksum', 12),
    inLast('in its number', last.indexOf('"n":') + 5),
    inLast('in its workspace', last.indexOf('"w":') + 6),
    inLast('before its operations', last.indexOf('"ops":[') + 7),
    inLast('in a row', Math.floor(last.length * 0.7)),
    inLast('before its last bracket', last.length - 2),
    inLast('without its line break', last.length - 1),
    inGroup('after the first line of several', groupLines[0]!.length),
    inGroup('in the second line of several', groupLines[0]!.length + 40),
    inGroup('before the last line of several', groupLines.slice(0, -1).join('').length),
    inGroup('without the line break of the last of several', groupLines.join('').length - 1),
    withEnd('zeros behind the end', Buffer.alloc(4096)),
    withEnd('rubbish behind the end', Buffer.from('\u0001{"crc":"zz')),
  ]
}

async function reopen(settings: Settings, directory: string, place: Place, wrongs: Wrongs): Promise<void> {
  const first = await startSandbox(settings, { args: ['--data', directory] }).catch((error: unknown) => String(error))
  if (typeof first === 'string') return void wrongs.crashed.push(`${place.name}: ${first}`)
  expectThat(first.said().includes('the last line was never finished'), wrongs.unclean, () => `${place.name}: nothing was said`)
  await look(first.url, place, place.purchases, wrongs)
  const client = aClient(first.url)
  const answer = await client.ask(teak.call('later'))
  client.close()
  expectThat(answer?.status === 200, wrongs.unclean, () => `${place.name}: the next purchase was answered with ${answer?.status}`)
  await first.end('SIGKILL')
  const second = await startSandbox(settings, { args: ['--data', directory] })
  await look(second.url, place, place.purchases + 1, wrongs)
  await second.end('SIGKILL')
}

async function look(url: string, { name, players: added }: Place, bought: number, wrongs: Wrongs): Promise<void> {
  const [kept, known] = [await allRows(url, 'teak/purchases'), await allRows(url, 'teak/players')]
  const found = [kept.length, known.length - 2]
  if (found[0]! < bought || found[1]! < added) wrongs.lost.push(`${name}: ${found.join(' and ')} rows where ${bought} and ${added} must be`)
  if (found[0]! > bought || found[1]! > added)
    wrongs.unclean.push(`${name}: ${found.join(' and ')} rows where ${bought} and ${added} must be`)
}
