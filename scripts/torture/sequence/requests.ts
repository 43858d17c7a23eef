import { randomBytes } from 'node:crypto'
import { developmentKeys } from '../../../src/pki/keys.js'
import { mint } from '../../../src/receipts/google-play.js'
import { sealRequest } from '../../../src/receipts/ouya/messages.js'
import { googlePlayPayload, unityContainer } from '../../../src/receipts/unity.js'
import { idOf, clockOf, orderIdOf } from './expected.js'
import type { ControlCall, VendorCall } from './steps.js'

/** A request, its path without the workspace. */
export interface Asked {
  method: string
  path: string
  headers: Record<string, string>
  body?: string
}

const { googlePlay: key, foreign: foreignKey } = developmentKeys()
const mintContext = { key, foreignKey, now: new Date('2026-01-01T00:00:00Z'), random: randomBytes }
const bundle = 'com.example.game'
const container = (tamper?: 'signature') => {
  const signed = mint({ packageName: bundle, productId: 'gems.10', ...(tamper && { tamper }) }, mintContext)
  return unityContainer('GooglePlay', 'GPA.1', googlePlayPayload(signed.purchaseData, signed.signature))
}
const receipts = { legal: container(), illegal: container('signature'), undefined: 'not a container' }
const token = '3d1f6a52-8c0b-4e7e-9b57-2f60c1a4d9e8'
const purchaseStates = { purchased: 0, cancelled: 1, refunded: 2, pending: 4 }
/** Signed purchases by name. Each is signed once, because a repeated upload must have the same bytes. */
const signedPurchases = new Map<string, { purchase_data: string; purchase_signature: string }>()

/** Returns the HTTP request of a vendor call. */
export function requestOf(call: VendorCall): Asked {
  switch (call.vendor) {
    case 'teak':
      return teak(call)
    case 'kakao':
      return kakao(call)
    case 'gameofwhales':
      return gameOfWhales(call)
    case 'ouya':
      return ouya(call)
    case 'mbaasy':
      return post('/mbaasy/client/google_play/purchase_orders', upload(call), {
        Authorization: `Bearer ${call.hasToken ? 'test-token' : 'wrong'}`,
      })
  }
}

/** Returns the HTTP request of a control call; undefined if the call is not a single request. */
export function controlRequestOf(call: ControlCall): Asked | undefined {
  const ask = (method: string, path: string, body?: object): Asked => ({ ...post(`/_sandbox/${path}`, body), method })
  switch (call.control) {
    case 'store':
      return ask('POST', `upstreams/google_play/purchases/${idOf.token(call.token)}/${call.action}`)
    case 'upstream':
      return ask('PUT', 'upstreams/google_play', { reachable: call.reachable })
    case 'fault': {
      const { vendor, position, times } = call
      const effect = call.effect === 'reply' ? { kind: 'reply', status: 503, body: { fault: true } } : { kind: call.effect }
      return ask('POST', 'faults', { match: { vendor }, position: call.effect === 'garble' ? 'after' : position, effect, times })
    }
    case 'clear faults':
      return ask('DELETE', 'faults')
    case 'clock':
      return ask('PUT', 'clock', { now: new Date(clockOf(call.at)).toISOString(), frozen: true })
    case 'advance':
      return ask('POST', 'clock/advance', { ms: call.seconds * 1_000 })
    case 'real time':
      return ask('DELETE', 'clock')
    case 'snapshot':
      return ask('PUT', `snapshots/s-${call.name}`)
    case 'restore':
      return ask('POST', `snapshots/s-${call.name}/restore`)
    case 'reset':
      return ask('POST', 'reset')
    case 'wallet':
    case 'drop':
    case 'restart':
      return undefined
  }
}

function post(path: string, body?: object | string, headers: Record<string, string> = {}): Asked {
  if (body === undefined) return { method: 'POST', path, headers }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { method: 'POST', path, headers: { 'Content-Type': 'application/json', ...headers }, body: text }
}

function teak(call: VendorCall & { vendor: 'teak' }): Asked {
  const credentials = { game_id: '123456', secret_key: 'server-secret', user_id: call.user }
  switch (call.call) {
    case 'remove':
      return { ...post('/teak/v2/users', credentials), method: 'DELETE' }
    case 'identify':
      return post('/teak/v2/identify', { ...credentials, country_code: 'DE' })
    case 'purchase': {
      const platformId = call.id === null ? {} : { platform_id: idOf.teak(call.id) }
      const secret = call.hasSecret ? {} : { secret_key: 'wrong' }
      return post('/teak/v2/purchase', { ...credentials, ...secret, amount: call.amount, ...platformId })
    }
  }
}

function kakao(call: VendorCall & { vendor: 'kakao' }): Asked {
  const headers = {
    'Content-Type': 'application/json;charset=UTF-8',
    appId: '103815',
    appSecret: call.hasSecret ? '951b75bf17fe0885ab5106ba2a9f9bc9' : 'wrong',
    playerId: '123412341234',
    Authorization: 'KakaoAK 11118035a320f23423585acae3ded1111',
  }
  // The price is a literal because it may have more digits than a number keeps.
  const body = `{"currency":"USD","price":${call.price},"os":"android","country":"kr","market":"googlePlay","marketProductId":"gem","marketPurchaseTime":1546300800123,"marketOrderId":"${idOf.kakao(call.order)}"}`
  return post('/kakao/service/v3/log/writePurchaseLog', body, headers)
}

function gameOfWhales(call: VendorCall & { vendor: 'gameofwhales' }): Asked {
  const common = { country: 'DE', locale: 'de_DE', platform: 'android', store: 'GooglePlay', version: '1.4.2' }
  const transactionId = call.transaction === null ? '' : idOf.transaction(call.transaction)
  const money = { currency: 'EUR', price: call.hundredthsOfCents / 100, transactionId }
  const event = call.call === 'receipt' ? { ...money, receipt: receipts[call.receipt] } : { ...money, product: 'gems.10' }
  return post(`/gameofwhales/${call.call}`, { game: 'sandbox-game', user: call.user, common, event })
}

function ouya(call: VendorCall & { vendor: 'ouya' }): Asked {
  const payload = JSON.stringify({ identifier: call.identifier, uuid: idOf.uuid(call.uuid) })
  const { form } = sealRequest(payload, { plain: true, random: randomBytes })
  const body = new URLSearchParams({ ...form, auth_token: call.hasToken ? token : 'wrong' }).toString()
  return post('/ouya/api/v1/games/tv.ouya.sample/purchases', body, { 'Content-Type': 'application/x-www-form-urlencoded' })
}

function upload(call: VendorCall & { vendor: 'mbaasy' }): object {
  const { token: number, state, isForged, user } = call
  const orderId = orderIdOf(call)
  const name = `${number} ${state} ${orderId} ${isForged}`
  let signed = signedPurchases.get(name)
  if (!signed) {
    const { purchaseData, signature } = mint(
      {
        packageName: bundle,
        productId: 'gems.10',
        purchaseToken: idOf.token(number),
        orderId,
        purchaseState: purchaseStates[state],
        purchaseTime: 1_546_300_800_123,
        ...(isForged && { tamper: 'signature' as const }),
      },
      mintContext,
    )
    signed = { purchase_data: purchaseData, purchase_signature: signature }
    signedPurchases.set(name, signed)
  }
  return { ...signed, user_identifier: user, ip_address: null }
}
