import { createPublicKey, verify } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox } from '../../src/index.js'
import { appStoreDevelopment } from '../../src/receipts/app-store/development.js'
import { readAppStoreReceipt } from '../../src/receipts/app-store/read.js'
import { builtInTrust, prepareTrust } from '../../src/receipts/app-store/trust.js'
import { bareKeys, mainCalls, teakPurchase, type Call } from './calls.js'
import type { Figure } from './figure.js'
import { median, press } from './load.js'
import { ask, startCoinslot, startScript, type Server } from './processes.js'
import type { Section } from './section.js'

const connectionCounts = [16, 128]

/** What real cryptography costs. */
export const receipts: Section = {
  id: 'receipts',
  title: 'Receipts: what checking them costs beside the cryptography itself',
  async run(pace, say) {
    const calls = await mainCalls(pace.receipts)
    const whales = calls.find(({ vendor }) => vendor === 'gameofwhales')!
    const data = mkdtempSync(join(tmpdir(), 'coinslot-bench-'))
    const coinslot = await startCoinslot(['--data', data])
    const bare = await startScript(new URL('bare/node.js', import.meta.url).pathname, bareKeys())
    const rsa = bareVerification(whales.bodies)
    say(`bare RSA ${rsa.toFixed(0)} µs`)
    const presses: Presses = { teak: [coinslot, teakPurchase], whales: [coinslot, whales], bare: [bare, whales] }
    // The engine goes on compiling for some seconds, more of them where a call goes through more code.
    await costs(presses, { connections: 16, seconds: 5, rounds: 2 })
    const figures: Figure[] = []
    for (const connections of connectionCounts) {
      const found = await costs(presses, { connections, seconds: pace.seconds, rounds: pace.rounds })
      const [teak, gow, bareGow] = [found.teak, found.whales, found.bare].map((cost) => `${cost.toFixed(0)} µs`)
      say(
        `${connections} connections: Teak purchase ${teak}, Google Play receipt through Game of Whales ${gow}, through a bare server ${bareGow}`,
      )
      figures.push(...figuresOf(connections, rsa, found))
    }
    await coinslot.stop()
    await bare.stop()
    rmSync(data, { recursive: true, force: true })
    figures.push({ name: 'App Store receipt with 187 records, read and verified', value: await longReceipt(), unit: 'ms', atMost: 20 })
    return figures
  },
}

/** What is pressed on which server. */
type Presses = Record<'teak' | 'whales' | 'bare', readonly [Server, Call]>

/** Microseconds of a call by each press, the middle of the rounds. */
async function costs(
  presses: Presses,
  { connections, seconds, rounds }: { connections: number; seconds: number; rounds: number },
): Promise<Record<keyof Presses, number>> {
  const found: Record<keyof Presses, number[]> = { teak: [], whales: [], bare: [] }
  for (let round = 0; round < rounds; round++) {
    for (const name of ['teak', 'whales', 'bare'] as const) {
      const [server, call] = presses[name]
      if (name !== 'bare') await ask(`${server.url}/_sandbox/reset`, { method: 'POST' })
      const { rate } = await press(server.url, call, { connections, seconds })
      found[name].push(1e6 / rate)
    }
  }
  return { teak: median(found.teak), whales: median(found.whales), bare: median(found.bare) }
}

function figuresOf(connections: number, rsa: number, { teak, whales, bare }: Record<keyof Presses, number>): Figure[] {
  const sum = rsa + teak
  const name = `Google Play receipt, ${connections} connections`
  return [
    { name: `${name}: through Game of Whales, of bare RSA and a Teak purchase`, value: whales / sum, unit: '×', atMost: 1.5 },
    // What the way there and back costs such a body can be seen where nothing else is done with it.
    { name: `${name}: through a bare node:http server that verifies it, of the same sum`, value: bare / sum, unit: '×' },
    { name: `${name}: through Game of Whales, of that bare server`, value: whales / bare, unit: '×' },
  ]
}

/** Microseconds of one RSA verification with a key that was parsed before. */
function bareVerification(bodies: readonly string[]): number {
  const { licence } = JSON.parse(bareKeys()['BENCH_KEYS']!) as { licence: string }
  const key = createPublicKey({ key: Buffer.from(licence, 'base64'), format: 'der', type: 'spki' })
  const signed = bodies.slice(0, 500).map((body) => {
    const { event } = JSON.parse(body) as { event: { receipt: string } }
    const { Payload } = JSON.parse(event.receipt) as { Payload: string }
    const { json, signature } = JSON.parse(Payload) as { json: string; signature: string }
    return { text: Buffer.from(json), signature: Buffer.from(signature, 'base64') }
  })
  const times = Array.from({ length: 5 }, () => {
    const began = performance.now()
    for (const { text, signature } of signed)
      if (!verify('RSA-SHA1', text, key, signature)) throw new Error('A minted receipt is not valid')
    return ((performance.now() - began) * 1000) / signed.length
  })
  return median(times)
}

/** Milliseconds to read and verify a receipt of somebody who bought often, warm. */
async function longReceipt(): Promise<number> {
  await using sandbox = await createSandbox({ memory: true, port: 0 })
  const bundleId = 'com.example.game'
  const items = Array.from({ length: 187 }, (_, at) => ({ productId: `gems.${at}`, transactionId: String(at + 1) }))
  const { receipt } = await sandbox.receipts.appStore({ bundleId, productId: 'gems.0', items })
  const trust = prepareTrust(builtInTrust(appStoreDevelopment().root))
  const times = Array.from({ length: 30 }, () => {
    const began = performance.now()
    const { ok, claims } = readAppStoreReceipt(receipt, { trust, expect: { bundleId } })
    if (!ok || claims?.items.length !== items.length) throw new Error('The minted receipt is not valid')
    return performance.now() - began
  })
  return median(times.slice(10))
}
