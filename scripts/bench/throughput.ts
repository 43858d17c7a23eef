import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bareKeys, mainCalls, type Call } from './calls.js'
import { measured, median, type Figure } from './figure.js'
import { press, pressAfresh, type Pressed } from './load.js'
import { startCoinslot, startScript, type Server } from './processes.js'
import type { Section } from './section.js'

const connectionCounts = [16, 128]

/** The main call of each vendor against servers that only parse, open and answer. */
export const throughput: Section = {
  id: 'throughput',
  title: 'The main call of each vendor, against bare servers with the same parsing and cryptography',
  async run(pace, say) {
    const calls = await mainCalls(pace.receipts)
    const data = mkdtempSync(join(tmpdir(), 'coinslot-bench-'))
    const script = (name: string) => startScript(new URL(`bare/${name}.js`, import.meta.url).pathname, bareKeys())
    const servers = { coinslot: await startCoinslot(['--data', data]), node: await script('node'), hono: await script('hono') }
    const figures: Figure[] = []
    for (const call of calls) {
      await warm(servers, call)
      for (const connections of connectionCounts) {
        const found = await compare(servers, call, { connections, seconds: pace.seconds, rounds: pace.rounds })
        say(`${call.vendor.padEnd(13)} ${String(connections).padStart(3)} connections  ${lineOf(found)}`)
        figures.push(...figuresOf(call, connections, found))
      }
    }
    for (const server of Object.values(servers)) await server.stop()
    rmSync(data, { recursive: true, force: true })
    return figures
  },
}

/** Results of each server, one in each round. */
type Compared = Record<'coinslot' | 'node' | 'hono', Pressed[]>

/** Lets the engine compile what is hot, which takes some tens of thousands of requests. */
async function warm(servers: Record<keyof Compared, Server>, call: Call): Promise<void> {
  for (const name of names) await pressOf(name)(servers[name].url, call, { connections: 16, seconds: 1 })
}

async function compare(
  servers: Record<keyof Compared, Server>,
  call: Call,
  { connections, seconds, rounds }: { connections: number; seconds: number; rounds: number },
): Promise<Compared> {
  const pressed: Compared = { coinslot: [], node: [], hono: [] }
  for (let round = 0; round < rounds; round++) {
    for (const name of names) pressed[name].push(await pressOf(name)(servers[name].url, call, { connections, seconds }))
  }
  return pressed
}

const names = ['node', 'coinslot', 'hono'] as const

function pressOf(name: keyof Compared): typeof press {
  return name === 'coinslot' ? pressAfresh : press
}

function lineOf(found: Compared): string {
  return names
    .map((name) => {
      const [rate, p50, p99] = (['rate', 'p50', 'p99'] as const).map((of) => median(found[name].map((one) => one[of])))
      return `${name} ${rate!.toFixed(0)}/s p50 ${p50} p99 ${p99} ms`
    })
    .join('   ')
}

/** Percentages of a bare server that are aimed at: with 16 and with 128 connections. */
const aims: Readonly<Record<string, readonly [number, number]>> = { teak: [55, 65], kakao: [50, 50], mbaasy: [50, 50] }

function figuresOf({ vendor }: Call, connections: number, { coinslot, node, hono }: Compared): Figure[] {
  const aim = aims[vendor]?.[connections === 16 ? 0 : 1]
  const name = `${vendor}, ${connections} connections`
  const percentOf = (other: readonly Pressed[]) => measured(coinslot.map(({ rate }, round) => (100 * rate) / other[round]!.rate))
  return [
    { name: `${name}: of bare node:http`, ...percentOf(node), unit: '%', ...(aim !== undefined && { atLeast: aim }) },
    { name: `${name}: of bare Hono`, ...percentOf(hono), unit: '%' },
  ]
}
