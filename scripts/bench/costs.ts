import { Agent, request } from 'node:http'
import { teakPurchase } from './calls.js'
import { measured, median, type Figure } from './figure.js'
import { press } from './load.js'
import { pairedRatios } from './pairs.js'
import { startCoinslot } from './processes.js'
import type { Section } from './section.js'

/** Section: the cost of traffic, and the times of the calls of a test suite. */
export const costs: Section = {
  id: 'costs',
  title: 'Keeping traffic, and the control calls of a test suite',
  async run(pace, say) {
    const kept = await startCoinslot(['--memory'])
    const bare = await startCoinslot(['--memory', '--traffic-limit', '0'])
    const agent = new Agent({ keepAlive: true })
    const send = (method: string, path: string, body?: unknown) => timed(agent, `${kept.url}${path}`, method, body)
    const call = teakPurchase
    // A reset takes the fault away.
    const around = async () => {
      await send('POST', '/_sandbox/reset')
      await send('POST', '/_sandbox/faults', {
        match: { vendor: 'teak', headers: { 'x-never': 'sent' } },
        effect: { kind: 'reply', name: 'internal-error' },
      })
      return async () => {}
    }
    const ratios = await pairedRatios({ url: kept.url, call, around }, { url: bare.url, call, resets: true }, pace)
    await send('POST', '/_sandbox/reset')
    await press(kept.url, call, { connections: 16, seconds: 1 })
    const figures: Figure[] = [
      { name: 'with traffic and one idle fault, of the same without', ...measured(ratios), unit: '%', atLeast: 80 },
    ]
    for (const { name, set, does } of controlCalls(send)) {
      const times: number[] = []
      for (let at = 0; at < 21; at++) {
        await set?.(at)
        times.push(await does(at))
      }
      figures.push({ name, value: median(times), unit: 'ms' })
    }
    say('control calls over one kept connection, medians of 21')
    agent.destroy()
    await kept.stop()
    await bare.stop()
    return figures
  },
}

type Send = (method: string, path: string, body?: unknown) => Promise<number>

function controlCalls(send: Send): { name: string; set?: (at: number) => Promise<unknown>; does: (at: number) => Promise<number> }[] {
  const purchase = (workspace: string) => send('POST', `/@${workspace}${teakPurchase.path}`, JSON.parse(teakPurchase.bodies[0]!))
  return [
    {
      name: 'verify over 1,000 kept entries',
      does: () => send('POST', '/_sandbox/verify', { vendor: 'teak', body: { amount: 499 }, times: { atLeast: 1 } }),
    },
    { name: 'a purchase in a new workspace', does: (at) => purchase(`new-${at}`) },
    { name: 'the same in a workspace that is there', does: () => purchase('new-1') },
    { name: 'reset of a default-seeded workspace', set: () => purchase('reset'), does: () => send('POST', '/@reset/_sandbox/reset') },
    { name: 'a snapshot of a default-seeded workspace', does: (at) => send('PUT', `/@new-2/_sandbox/snapshots/s${at}`) },
    { name: 'its way back', does: () => send('POST', '/@new-2/_sandbox/snapshots/s1/restore') },
  ]
}

/** Sends and answers the milliseconds until the whole answer was there. @throws Error on a refusal */
function timed(agent: Agent, url: string, method: string, body?: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const sent = request(url, { method, agent, headers }, (response) => {
      let text = ''
      response.on('data', (part: Buffer) => (text += part.toString()))
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 400) resolve(performance.now() - began)
        else reject(new Error(`${method} ${url}: ${response.statusCode} ${text}`))
      })
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
