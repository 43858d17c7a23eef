import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bareKeys, mainCalls, type Call } from './calls.js'
import type { Figure } from './figure.js'
import { median, press, pressAfresh, type Pressed } from './load.js'
import { startCoinslot, startScript, type Server } from './processes.js'
import type { Section } from './section.js'

const connectionCounts = [1, 16, 128]

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

type Compared = Record<'coinslot' | 'node' | 'hono', Pressed>

/** Lets the engine compile what is hot, which takes some tens of thousands of requests. */
async function warm(servers: Record<keyof Compared, Server>, call: Call): Promise<void> {
  for (const name of ['node', 'coinslot', 'hono'] as const) await pressOf(name)(servers[name].url, call, { connections: 16, seconds: 3 })
}

async function compare(
  servers: Record<keyof Compared, Server>,
  call: Call,
  { connections, seconds, rounds }: { connections: number; seconds: number; rounds: number },
): Promise<Compared> {
  const pressed: Record<keyof Compared, Pressed[]> = { coinslot: [], node: [], hono: [] }
  for (let round = 0; round < rounds; round++) {
    for (const name of ['node', 'coinslot', 'hono'] as const) {
      pressed[name].push(await pressOf(name)(servers[name].url, call, { connections, seconds }))
    }
  }
  return { coinslot: middle(pressed.coinslot), node: middle(pressed.node), hono: middle(pressed.hono) }
}

function pressOf(name: keyof Compared): typeof press {
  return name === 'coinslot' ? pressAfresh : press
}

function middle(all: readonly Pressed[]): Pressed {
  const of = (pick: (one: Pressed) => number) => median(all.map(pick))
  return {
    rate: of((one) => one.rate),
    p50: of((one) => one.p50),
    p99: of((one) => one.p99),
    slowest: of((one) => one.slowest),
    count: of((one) => one.count),
  }
}

function lineOf(found: Compared): string {
  return Object.entries(found)
    .map(([name, { rate, p50, p99 }]) => `${name} ${rate.toFixed(0)}/s p50 ${p50} p99 ${p99} ms`)
    .join('   ')
}

function figuresOf({ vendor }: Call, connections: number, { coinslot, node, hono }: Compared): Figure[] {
  const isAimed = vendor === 'teak' && connections > 1
  const name = `${vendor}, ${connections} connection${connections === 1 ? '' : 's'}`
  return [
    { name: `${name}: of bare node:http`, value: (100 * coinslot.rate) / node.rate, unit: '%', ...(isAimed && { atLeast: 65 }) },
    { name: `${name}: of bare Hono`, value: (100 * coinslot.rate) / hono.rate, unit: '%', ...(isAimed && { atLeast: 85 }) },
  ]
}
