import { randomBytes } from 'node:crypto'
import { developmentKeys } from '../../src/pki/keys.js'
import { mint } from '../../src/receipts/google-play.js'
import { sealRequest } from '../../src/receipts/ouya/messages.js'
import type { Wanted } from './client.js'

/** A kind of call that leaves a row, or must leave none. */
export interface Kind {
  name: string
  /** Where its rows are, and which member holds the id that was sent. */
  table: string
  idOf: (row: Record<string, unknown>) => unknown
  /** The call for an id. */
  call: (id: string) => Wanted
  /** True if an answer confirms that it is recorded, now or before; a refusal is any other answer below 500. */
  accepts: (status: number, text: string) => boolean
  /** May be sent again without a second row. */
  repeats: boolean
  /** Percentage of calls of this kind. */
  share: number
}

const json = { 'Content-Type': 'application/json' }
const teakPurchase = (id: string, secret = 'server-secret', extra: object = {}): Wanted => ({
  path: '/teak/v2/purchase',
  headers: json,
  body: JSON.stringify({ game_id: '123456', secret_key: secret, user_id: 'player-1', amount: 499, platform_id: id, ...extra }),
})

/** A Teak purchase: recorded once for its id, however often it is sent. */
export const teak: Kind = {
  name: 'teak',
  table: 'teak/purchases',
  idOf: (row) => row['platformId'],
  call: (id) => teakPurchase(id),
  accepts: (status) => status === 200,
  repeats: true,
  share: 62,
}

/** A Teak purchase with a name of this many bytes. */
export function largeTeak(bytes: number): Kind {
  return { ...teak, name: 'large teak', call: (id) => teakPurchase(id, 'server-secret', { product_name: 'x'.repeat(bytes) }) }
}

/** A Teak purchase with the wrong secret: never recorded. */
const refusedTeak: Kind = { ...teak, name: 'refused teak', call: (id) => teakPurchase(id, 'wrong'), repeats: false, share: 6 }

const kakao: Kind = {
  name: 'kakao',
  table: 'kakao/purchaseLogs',
  idOf: (row) => (row['body'] as Record<string, unknown>)['marketOrderId'],
  call: (id) => ({
    path: '/kakao/service/v3/log/writePurchaseLog',
    headers: {
      'Content-Type': 'application/json;charset=UTF-8',
      appId: '103815',
      appSecret: '951b75bf17fe0885ab5106ba2a9f9bc9',
      playerId: '123412341234',
      Authorization: 'KakaoAK 11118035a320f23423585acae3ded1111',
    },
    body: JSON.stringify({
      grade: 100,
      currency: 'USD',
      price: 12.23,
      os: 'android',
      country: 'kr',
      market: 'googlePlay',
      marketOrderId: id,
      marketProductId: 'gem',
      marketPurchaseTime: 12_312_312_333,
    }),
  }),
  accepts: (status) => status === 200,
  repeats: false,
  share: 10,
}

/** The Game of Whales user whose revenue is one for each purchase. */
export const whale = { game: 'sandbox-game', user: 'torture-user' }

const gameOfWhales: Kind = {
  name: 'gameofwhales',
  table: 'gameofwhales/purchases',
  idOf: (row) => row['transactionId'],
  call: (id) => ({
    path: '/gameofwhales/purchase',
    headers: { ...json, 'Accept-Version': '2.0.0' },
    body: JSON.stringify({
      ...whale,
      common: { ip: '91.232.111.204', locale: 'en_EN', platform: 'ios', store: 'AppleAppStore', version: '1.0.0' },
      event: { product: 'gems.10', currency: 'USD', price: 100, transactionId: id },
    }),
  }),
  accepts: (status) => status === 200,
  repeats: false,
  share: 10,
}

/** The OUYA gamer whose wallet pays for each purchase, and what one costs, in cents. */
export const gamer = { username: 'player', balance: 1_000_000_000 }

const token = '3d1f6a52-8c0b-4e7e-9b57-2f60c1a4d9e8'

const ouya: Kind = {
  name: 'ouya',
  table: 'ouya/purchases',
  idOf: (row) => row['uuid'],
  call: (id) => {
    const { form } = sealRequest(JSON.stringify({ identifier: 'awesome_sauce', uuid: id }), { plain: true, random: randomBytes })
    return {
      path: '/ouya/api/v1/games/tv.ouya.sample/purchases',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'X-OUYA-AuthToken': token },
      body: new URLSearchParams({ ...form, auth_token: token }).toString(),
    }
  },
  // Sent again under its uuid it is refused as bought before (code 2015).
  accepts: (status, text) => status === 200 || text.includes('2015'),
  repeats: true,
  share: 8,
}

const keys = developmentKeys()

/** A Mbaasy order with a new receipt; it sends a webhook. */
export const mbaasy: Kind = {
  name: 'mbaasy',
  table: 'mbaasy/purchaseOrders',
  idOf: (row) => row['purchaseToken'],
  call: (id) => {
    const input = { packageName: 'com.example.game', productId: 'gems.10', purchaseToken: id, orderId: `GPA.${id}` }
    const signed = mint(input, {
      key: keys.googlePlay,
      foreignKey: keys.foreign,
      now: new Date(),
      random: randomBytes,
    })
    return {
      path: '/mbaasy/client/google_play/purchase_orders',
      headers: { ...json, Authorization: 'Bearer test-token', Accept: 'application/json' },
      body: JSON.stringify({
        purchase_data: signed.purchaseData,
        purchase_signature: signed.signature,
        user_identifier: id,
        ip_address: null,
      }),
    }
  },
  accepts: (status) => status === 200 || status === 201,
  repeats: true,
  share: 4,
}

/** Every kind of call, as the load mixes them. */
export const kinds: readonly Kind[] = [teak, refusedTeak, kakao, gameOfWhales, ouya, mbaasy]
