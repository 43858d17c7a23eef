import { createPublicKey, verify } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox } from '../../src/index.js'
import { appStoreDevelopment } from '../../src/receipts/app-store/development.js'
import { readAppStoreReceipt } from '../../src/receipts/app-store/read.js'
import { builtInTrust, prepareTrust } from '../../src/receipts/app-store/trust.js'
import { bareKeys, mainCalls, teakPurchase, type Call } from './calls.js'
import { measured, median, type Figure } from './figure.js'
import { press, pressAfresh } from './load.js'
import { startCoinslot, startScript, type Server } from './processes.js'
import type { Section } from './section.js'

const connectionCounts = [16, 128]

/** Section: the cost of real cryptography. */
export const receipts: Section = {
  id: 'receipts',
  title: 'Receipts: what checking them costs beside the cryptography itself',
  async run(pace, say) {
    const calls = await mainCalls(pace.receipts)
    const whales = calls.find(({ vendor }) => vendor === 'gameofwhales')!
    const data = mkdtempSync(join(tmpdir(), 'coinslot-bench-'))
    const coinslot = await startCoinslot(['--data', data])
    const bare = await startScript(new URL('bare/node.js', import.meta.url).pathname, bareKeys())
    const presses: Presses = { teak: [coinslot, teakPurchase], whales: [coinslot, whales], bare: [bare, whales] }
    // The engine goes on compiling for some seconds, more of them where a call goes through more code.
    await costs(presses, { connections: 16, seconds: 3 })
    const figures: Figure[] = []
    for (const connections of connectionCounts) {
      const rounds: Costs[] = []
      for (let round = 0; round < pace.rounds; round++) rounds.push(await costs(presses, { connections, seconds: pace.seconds }))
      const [rsa, teak, gow, bareGow] = (['rsa', 'teak', 'whales', 'bare'] as const).map((of) =>
        median(rounds.map((round) => round[of])).toFixed(0),
      )
      say(`${connections} connections: bare RSA ${rsa} µs, Teak purchase ${teak} µs`)
      say(`Google Play receipt through Game of Whales ${gow} µs, through a bare server ${bareGow} µs`)
      figures.push(...figuresOf(connections, rounds))
    }
    await coinslot.stop()
    await bare.stop()
    rmSync(data, { recursive: true, force: true })
    figures.push({ name: 'App Store receipt with 187 records, read and verified', value: await longReceipt(), unit: 'ms', atMost: 20 })
    return figures
  },
}

/** Load of each server. */
type Presses = Record<'teak' | 'whales' | 'bare', readonly [Server, Call]>

/** Microseconds of a call by each press, and of the cryptography alone, measured one right after the other. */
type Costs = Record<keyof Presses | 'rsa', number>

async function costs(presses: Presses, { connections, seconds }: { connections: number; seconds: number }): Promise<Costs> {
  const costOf = async ([server, call]: readonly [Server, Call]) => {
    return 1e6 / (await (server === presses.bare[0] ? press : pressAfresh)(server.url, call, { connections, seconds })).rate
  }
  const rsa = bareVerification(presses.whales[1].bodies)
  return { rsa, teak: await costOf(presses.teak), whales: await costOf(presses.whales), bare: await costOf(presses.bare) }
}

/** Each the median of the rounds' ratios, as a machine that others use too is slower in one round than in the next. */
function figuresOf(connections: number, rounds: readonly Costs[]): Figure[] {
  const name = `Google Play receipt, ${connections} connections`
  const ratio = (of: (costs: Costs) => number) => measured(rounds.map(of))
  return [
    {
      name: `${name}: through Game of Whales, of bare RSA and a Teak purchase`,
      ...ratio(({ whales, rsa, teak }) => whales / (rsa + teak)),
      unit: '×',
      atMost: 1.5,
    },
    // The cost of the transport alone is measured by a server that does nothing with the body.
    {
      name: `${name}: through a bare node:http server that verifies it, of the same sum`,
      ...ratio(({ bare, rsa, teak }) => bare / (rsa + teak)),
      unit: '×',
    },
    { name: `${name}: through Game of Whales, of that bare server`, ...ratio(({ whales, bare }) => whales / bare), unit: '×' },
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

/** Milliseconds to read and verify a receipt with many purchases, warm. */
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
