import { createPrivateKey, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSandbox } from '../../src/index.js'
import { packagedVendors } from '../../src/sandbox/roster.js'
import type { MintedReceipt, ReceiptRequest } from '../../src/receipts/presented.js'

type VendorRequest = ReceiptRequest & { vendor: string }

/** The main call of a vendor; of several bodies each goes out in turn, so that none is a repetition for as long as they last. */
export interface Call {
  vendor: string
  path: string
  type: string
  headers: Record<string, string>
  bodies: readonly string[]
  /** True if the vendor refuses a body that it has accepted before. */
  isRefusedAgain?: true
  /** Headers that differ from one request to the next. */
  varying?: (number: number) => Record<string, string>
}

const json = 'application/json'

/** A purchase as Teak's page shows it, without a platform id: every one is new and is recorded. */
export const teakPurchase: Call = {
  vendor: 'teak',
  path: '/teak/v2/purchase',
  type: json,
  headers: {},
  bodies: [
    JSON.stringify({
      game_id: '123456',
      secret_key: 'server-secret',
      user_id: 'player-1',
      amount: 499,
      platform: 'ios',
      store_name: 'my_webshop',
      product_name: '100 gems',
    }),
  ],
}

const kakaoLog: Call = {
  vendor: 'kakao',
  path: '/kakao/service/v3/log/writePurchaseLog',
  type: 'application/json;charset=UTF-8',
  headers: {
    appId: '103815',
    appSecret: '951b75bf17fe0885ab5106ba2a9f9bc9',
    playerId: '123412341234',
    Authorization: 'KakaoAK 11118035a320f23423585acae3ded1111',
  },
  bodies: [
    JSON.stringify({
      currency: 'USD',
      price: 12.23,
      os: 'android',
      country: 'kr',
      market: 'googlePlay',
      marketProductId: 'gem',
      marketPurchaseTime: 1_466_127_148_000,
    }),
  ],
}

/** Main calls of all vendors, with this number of different receipts. */
export async function mainCalls(receipts: number): Promise<Call[]> {
  await using sandbox = await createSandbox({ memory: true, port: 0 })
  const googlePlay: VendorRequest[] = []
  const toGameOfWhales: VendorRequest[] = []
  const toOuya: VendorRequest[] = []
  for (let at = 0; at < receipts; at++) {
    const members = { packageName: 'com.example.game', productId: 'gems.10' }
    const minted: MintedReceipt = { store: 'google_play', members, receipt: await sandbox.receipts.googlePlay(members) }
    googlePlay.push(presented(minted, 'mbaasy'))
    toGameOfWhales.push(presented(minted, 'gameofwhales'))
    const order = { package: 'tv.ouya.sample', identifier: 'awesome_sauce', username: 'player' }
    toOuya.push(presented({ store: 'ouya', members: order, receipt: await sandbox.receipts.ouya(order) }, 'ouya'))
  }
  return [teakPurchase, kakaoLog, callOf(toGameOfWhales), callOf(googlePlay), { ...callOf(toOuya), isRefusedAgain: true }]
}

function presented(minted: MintedReceipt, vendor: string): VendorRequest {
  const request = packagedVendors.find(({ id }) => id === vendor)?.present?.(minted)
  if (!request) throw new Error(`${vendor} takes no receipts of ${minted.store}.`)
  return { vendor, ...request }
}

/** Keys with which the bare servers verify the same receipts. */
export function bareKeys(): Record<string, string> {
  const seed = JSON.parse(readFileSync(new URL('../../fixtures/default.json', import.meta.url), 'utf8')) as {
    gameofwhales: { games: { androidLicenseKey: string }[] }
    ouya: { games: { applicationPrivateKey: string }[]; gamers: { key: string }[] }
  }
  const gamer = createPublicKey(seed.ouya.gamers[0]!.key).export({ format: 'der', type: 'spki' })
  const application = createPrivateKey({
    key: Buffer.from(seed.ouya.games[0]!.applicationPrivateKey, 'base64'),
    format: 'der',
    type: 'pkcs8',
  })
  const keys = {
    licence: seed.gameofwhales.games[0]!.androidLicenseKey,
    gamer: gamer.toString('base64'),
    application: application.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  }
  return { BENCH_KEYS: JSON.stringify(keys) }
}

function callOf(requests: readonly VendorRequest[]): Call {
  const { vendor, path, headers } = requests[0]!
  const { 'Content-Type': type = json, ...others } = headers
  return { vendor, path: `/${vendor}${path}`, type, headers: others, bodies: requests.map(({ body }) => body) }
}
