import { readClock, realTime } from '../kernel/clock.js'
import type { Config } from '../sandbox/config.js'
import type { Setting } from '../workspace/workspace.js'
import type { Workspaces } from '../workspace/workspaces.js'
import { counted } from './output.js'

/** Returns one command a vendor that works at once with the packaged seed, for those vendors that are on. */
export function firstTries(url: string, vendors: readonly string[]): string[] {
  // The other commands find the default address by themselves.
  const at = url === 'http://127.0.0.1:4010' ? '' : ` --url ${url}`
  const run = process.env['npm_lifecycle_event'] === 'start' ? 'node dist/bin.js' : 'npx coinslot'
  const tries: Readonly<Record<string, string>> = {
    teak: `curl -i ${url}/teak/v2/purchase -H 'Content-Type: application/json' -d '${JSON.stringify(teakPurchase)}'`,
    gameofwhales: `${run} mint google_play --for gameofwhales --send${at}`,
    kakao: `curl -i ${url}/kakao/service/v3/log/writePurchaseLog ${kakaoHeaders.map((header) => `-H '${header}'`).join(' ')} -d '${JSON.stringify(kakaoPurchase)}'`,
    ouya: `${run} mint ouya --send${at}`,
    mbaasy: `${run} mint google_play --send${at}`,
  }
  return Object.entries(tries).flatMap(([vendor, line]) => (vendors.includes(vendor) ? [line] : []))
}

const teakPurchase = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'order-1' }

const kakaoHeaders = [
  'Content-Type: application/json;charset=UTF-8',
  'appId: 103815',
  'appSecret: 951b75bf17fe0885ab5106ba2a9f9bc9',
  'playerId: 123412341234',
  'Authorization: KakaoAK 11118035a320f23423585acae3ded1111',
]
const kakaoPurchase = {
  currency: 'USD',
  price: 12.23,
  os: 'android',
  country: 'kr',
  market: 'googlePlay',
  marketProductId: 'gem',
  marketPurchaseTime: 1466127148000,
}

/** Finds what makes a start unlike a first one: a clock that was moved, faults, unreachable stores, an address that the control API refuses. */
export async function unusualFacts(workspaces: Pick<Workspaces, 'store' | 'find'>, config: Config): Promise<string[]> {
  const facts: string[] = []
  for (const name of (await workspaces.store.names()).slice(0, lookedAt)) {
    const open = await workspaces.find(name)
    if (open) facts.push(...factsOf(await open.space.setting(), name))
  }
  if (isControlUnreachable(config)) {
    facts.push(
      `The control API and the page answer loopback names only, which do not lead to ${config.host}: add --control-host ${config.host}, or bind --host 0.0.0.0.`,
    )
  }
  return facts
}

/** A start with thousands of workspaces does not wait for all of them. */
const lookedAt = 20

function factsOf({ clock, faults, unreachable }: Setting, name: string): string[] {
  const of = name === 'default' ? '' : `Workspace ${name}: `
  const suffix = name === 'default' ? '' : ` --workspace ${name}`
  const facts: string[] = []
  const now = readClock(clock, realTime())
  if (clock?.frozen || Math.abs(now - realTime()) > 5_000) {
    const state = clock?.frozen ? 'stands still at' : 'was moved; it shows'
    facts.push(`${of}The clock ${state} ${new Date(now).toISOString()}. Real time: coinslot clock real${suffix}`)
  }
  const armed = faults.filter(({ rule, hits }) => rule['times'] === undefined || hits < Number(rule['times']))
  if (armed.length > 0) {
    const vendors = [
      ...new Set(armed.map(({ rule }) => (rule['match'] as { vendor?: string } | undefined)?.vendor ?? 'every vendor')),
    ].join(', ')
    facts.push(`${of}${counted(armed.length, 'fault is', 'faults are')} armed (${vendors}). Remove: coinslot fault clear${suffix}`)
  }
  for (const store of unreachable) {
    facts.push(`${of}The simulated ${store} is unreachable. Bring it back: coinslot store ${store} up${suffix}`)
  }
  return facts
}

function isControlUnreachable({ host, controlHost }: Config): boolean {
  const isLoopbackOrAny = host.startsWith('127.') || ['localhost', '::1', '0.0.0.0', '::'].includes(host)
  return !isLoopbackOrAny && !controlHost.some((name) => name === host || name === '*')
}
