import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pause, residentMegabytes } from '../command.js'
import { teakPurchase } from './calls.js'
import { median, type Figure } from './figure.js'
import { press, pressAfresh, type Pressed } from './load.js'
import { ask, startCoinslot, type Server } from './processes.js'
import type { Section } from './section.js'

const loopDelay = new URL('loop-delay.js', import.meta.url).href

/** Section: the effect of half a million stored rows, and the restart after a kill. */
export const growth: Section = {
  id: 'growth',
  title: 'Stored rows: speed, stalls, memory and the way back after kill -9',
  async run(pace, say) {
    const folder = mkdtempSync(join(tmpdir(), 'coinslot-bench-'))
    const delayFile = join(folder, 'delay')
    process.env['BENCH_DELAY_FILE'] = delayFile
    const grown = await startCoinslot(['--data', join(folder, 'grown')], ['--import', loopDelay])
    const empty = await startCoinslot(['--data', join(folder, 'empty')])
    await press(empty.url, teakPurchase, { connections: 16, seconds: 2 })
    const figures: Figure[] = []
    for (const rows of [10_000, 100_000, pace.rows].filter((count) => count <= pace.rows)) {
      const stall = await fill(grown, rows, delayFile)
      // Before the comparison, because it adds rows.
      const resident = residentMegabytes(grown.process)
      const found = await compare(grown, empty, { rounds: pace.rounds, seconds: 1 })
      const label = `${rows.toLocaleString('en-GB')} rows`
      say(
        `${label}: ${found.grown.rate.toFixed(0)}/s p99 ${found.grown.p99} ms, beside ${found.empty.rate.toFixed(0)}/s p99 ${found.empty.p99} ms with none; resident ${resident?.toFixed(0) ?? '?'} MB`,
      )
      if (rows === 100_000 && resident !== undefined)
        figures.push({ name: `resident memory, ${label}`, value: resident, unit: 'MB', atMost: 350 })
      if (rows !== pace.rows) continue
      figures.push(
        { name: `throughput at ${label}, of that at none`, value: (100 * found.grown.rate) / found.empty.rate, unit: '%', atLeast: 90 },
        {
          name: `p99 in whole milliseconds at ${label}, of that at none`,
          value: found.grown.p99 / found.empty.p99,
          unit: '×',
          atMost: 1.3,
        },
        {
          name: `longest stall while ${label} were written and compacted (${await compactionsOf(grown)} times)`,
          value: stall,
          unit: 'ms',
          atMost: 50,
        },
      )
      if (resident !== undefined) figures.push({ name: `resident memory, ${label}`, value: resident, unit: 'MB' })
    }
    await empty.stop()
    figures.push(await recovery(grown, join(folder, 'grown')))
    rmSync(folder, { recursive: true, force: true })
    return figures
  },
}

/** Sends requests until there are this many rows. Returns the longest stall meanwhile in milliseconds, warm-up excluded. */
async function fill(server: Server, rows: number, delayFile: string): Promise<number> {
  let longest = 0
  let isFirst = rows <= 10_000
  while ((await rowsOf(server)) < rows) {
    await press(server.url, teakPurchase, { connections: 16, seconds: 1 })
    const stall = await stallOf(server, delayFile)
    if (!isFirst) longest = Math.max(longest, stall)
    isFirst = false
  }
  return longest
}

async function compare(grown: Server, empty: Server, { rounds, seconds }: { rounds: number; seconds: number }) {
  const pressed: Record<'grown' | 'empty', Pressed[]> = { grown: [], empty: [] }
  for (let round = 0; round < Math.max(2, rounds); round++) {
    pressed.empty.push(await pressAfresh(empty.url, teakPurchase, { connections: 16, seconds }))
    pressed.grown.push(await press(grown.url, teakPurchase, { connections: 16, seconds }))
  }
  const middle = (all: Pressed[]) => ({ rate: median(all.map(({ rate }) => rate)), p99: median(all.map(({ p99 }) => p99)) })
  return { grown: middle(pressed.grown), empty: middle(pressed.empty) }
}

/** Kills the server and starts it again over what it left. */
async function recovery(server: Server, data: string): Promise<Figure> {
  const rows = await rowsOf(server)
  await server.stop('SIGKILL')
  const began = performance.now()
  const again = await startCoinslot(['--data', data])
  const took = (performance.now() - began) / 1000
  const found = await rowsOf(again)
  await again.stop()
  if (found < rows) throw new Error(`${rows} rows before the kill, ${found} after it`)
  return { name: `ready after kill -9 with ${rows.toLocaleString('en-GB')} rows`, value: took, unit: 's', atMost: 6 }
}

async function stallOf({ process: child }: Server, delayFile: string): Promise<number> {
  rmSync(delayFile, { force: true })
  child.kill('SIGUSR2')
  while (!existsSync(delayFile) || readFileSync(delayFile, 'utf8') === '') await pause(10)
  return Number(readFileSync(delayFile, 'utf8'))
}

async function rowsOf(server: Server): Promise<number> {
  return metric(server, 'coinslot_store_rows')
}

async function compactionsOf(server: Server): Promise<number> {
  return metric(server, 'coinslot_compactions_total')
}

async function metric(server: Server, name: string): Promise<number> {
  const reply = await ask(`${server.url}/_sandbox/metrics`)
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(reply?.text ?? '')?.[1] ?? 0)
}
