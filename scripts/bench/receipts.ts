import { createPublicKey, verify } from 'node:crypto'
import { createSandbox } from '../../src/index.js'
import { appStoreDevelopment } from '../../src/receipts/app-store/development.js'
import { readAppStoreReceipt } from '../../src/receipts/app-store/read.js'
import { builtInTrust, prepareTrust } from '../../src/receipts/app-store/trust.js'
import { bareKeys, mainCalls, teakPurchase } from './calls.js'
import type { Figure } from './figure.js'
import { median, press } from './load.js'
import { ask, startCoinslot, startScript } from './processes.js'
import type { Section } from './section.js'

/** What real cryptography costs. */
export const receipts: Section = {
  id: 'receipts',
  title: 'Receipts: what checking them costs beside the cryptography itself',
  async run(pace, say) {
    const calls = await mainCalls(pace.receipts)
    const whales = calls.find(({ vendor }) => vendor === 'gameofwhales')!
    const server = await startCoinslot(['--memory'])
    const bare = await startScript(new URL('bare/node.js', import.meta.url).pathname, bareKeys())
    const bareMicroseconds = bareVerification(whales.bodies)
    const perCall: Record<'teak' | 'whales' | 'bare', number[]> = { teak: [], whales: [], bare: [] }
    for (let round = 0; round <= pace.rounds; round++) {
      await ask(`${server.url}/_sandbox/reset`, { method: 'POST' })
      const teak = await press(server.url, teakPurchase, { connections: 16, seconds: pace.seconds })
      const gow = await press(server.url, whales, { connections: 16, seconds: pace.seconds })
      const bareGow = await press(bare.url, whales, { connections: 16, seconds: pace.seconds })
      // The first turn is for the engine to compile what is hot.
      if (round === 0) continue
      perCall.teak.push(1e6 / teak.rate)
      perCall.whales.push(1e6 / gow.rate)
      perCall.bare.push(1e6 / bareGow.rate)
    }
    await server.stop()
    await bare.stop()
    const [teak, gow, bareGow] = [median(perCall.teak), median(perCall.whales), median(perCall.bare)]
    const sum = bareMicroseconds + teak
    say(`bare RSA ${bareMicroseconds.toFixed(0)} µs and a Teak purchase ${teak.toFixed(0)} µs`)
    say(`a Google Play receipt through Game of Whales ${gow.toFixed(0)} µs, through a bare server ${bareGow.toFixed(0)} µs`)
    const figures: Figure[] = [
      {
        name: 'Google Play receipt through Game of Whales, of bare RSA and a Teak purchase',
        value: gow / sum,
        unit: '×',
        atMost: 1.5,
      },
      // What the way there and back costs such a body can be seen where nothing else is done with it.
      { name: 'The same receipt through a bare node:http server that verifies it, of the same sum', value: bareGow / sum, unit: '×' },
      { name: 'Game of Whales, of that bare server', value: gow / bareGow, unit: '×' },
      { name: 'App Store receipt with 187 records, read and verified', value: await longReceipt(), unit: 'ms', atMost: 20 },
    ]
    return figures
  },
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
