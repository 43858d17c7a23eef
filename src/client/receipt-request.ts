import type { AppStoreReceipt, GooglePlayReceipt, SamsungReceipt } from './receipts.js'

/** Stores whose receipts are minted. */
export const receiptStores = ['google_play', 'app_store', 'samsung', 'ouya'] as const
export type ReceiptStore = (typeof receiptStores)[number]

/** Members that make a whole receipt of a store when nothing else is asked for; they fit the default seed. */
export const ordinaryReceipts: Readonly<Record<ReceiptStore, Readonly<Record<string, unknown>>>> = {
  google_play: { packageName: 'com.example.game', productId: 'gems.10' },
  app_store: { bundleId: 'com.example.game', productId: 'gems.10' },
  samsung: {},
  ouya: { package: 'tv.ouya.sample', identifier: 'sharp_axe', username: 'player' },
}

/** Members that minting takes, of each store; for Google Play the fields of INAPP_PURCHASE_DATA that are known. */
export const receiptMembers: Readonly<Record<ReceiptStore, readonly string[]>> = {
  google_play: [
    'packageName',
    'productId',
    'productIds',
    'orderId',
    'purchaseTime',
    'purchaseState',
    'purchaseToken',
    'developerPayload',
    'quantity',
    'autoRenewing',
    'acknowledged',
    'obfuscatedAccountId',
    'obfuscatedProfileId',
    'subscription',
    'tamper',
  ],
  app_store: ['bundleId', 'productId', 'transactionId', 'appVersion', 'style', 'environment', 'items', 'digest', 'version', 'tamper'],
  samsung: ['paymentId', 'itemId', 'app'],
  ouya: ['package', 'identifier', 'username', 'uuid', 'plain'],
}

/** Returns true if a string names one of the stores. */
export function isReceiptStore(text: string): text is ReceiptStore {
  return receiptStores.some((store) => store === text)
}

/** A minted receipt with the members that it was requested with. */
export type MintedReceipt = { members: Readonly<Record<string, unknown>> } & (
  | { store: 'google_play'; receipt: GooglePlayReceipt }
  | { store: 'app_store'; receipt: AppStoreReceipt }
  | { store: 'samsung'; receipt: SamsungReceipt }
  | { store: 'ouya'; receipt: { form: string; uuid: string } }
)

/** A request by which a game or its server hands a receipt over, with credentials of the default seed. */
export interface ReceiptRequest {
  vendor: string
  path: string
  headers: Readonly<Record<string, string>>
  body: string
}

/** The request that hands a receipt to a vendor; undefined if that vendor takes no such receipt. */
export function asRequest(minted: MintedReceipt, vendor: string = usualVendor[minted.store]): ReceiptRequest | undefined {
  const { store } = minted
  if (vendor === 'ouya' && store === 'ouya') return toOuya(minted)
  if (vendor === 'gameofwhales' && store !== 'ouya') return toGameOfWhales(minted)
  if (vendor === 'mbaasy' && store === 'google_play') {
    const { purchaseData, signature } = minted.receipt
    return toMbaasy('google_play/purchase_orders', { purchase_data: purchaseData, purchase_signature: signature })
  }
  if (vendor === 'mbaasy' && store === 'app_store') return toMbaasy('itunes_connect/receipts', { receipt: minted.receipt.receipt })
  return undefined
}

/** Returns a line that works when pasted into a POSIX shell. */
export function curlLine(request: ReceiptRequest, address: SandboxAddress): string {
  const headers = Object.entries(request.headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`)
  return ['curl -i', quoted(requestUrl(request, address)), ...headers, '--data-raw', quoted(request.body)].join(' ')
}

/** Address of a sandbox and the workspace in it, the one of the address unless named. */
export interface SandboxAddress {
  url: string
  workspace?: string | undefined
}

/** Returns the whole address of a request. */
export function requestUrl({ vendor, path }: ReceiptRequest, { url, workspace }: SandboxAddress): string {
  return `${url}${workspace === undefined ? '' : `/@${workspace}`}/${vendor}${path}`
}

const usualVendor = { google_play: 'mbaasy', app_store: 'mbaasy', samsung: 'gameofwhales', ouya: 'ouya' } as const

const json = { 'Content-Type': 'application/json' }

function toMbaasy(path: string, body: object): ReceiptRequest {
  return { vendor: 'mbaasy', path: `/client/${path}`, headers: { ...json, Authorization: 'Bearer test-token' }, body: JSON.stringify(body) }
}

function toOuya({ members, receipt }: MintedReceipt & { store: 'ouya' }): ReceiptRequest {
  return {
    vendor: 'ouya',
    path: `/api/v1/games/${encodeURIComponent(String(members['package']))}/purchases`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'X-OUYA-AuthToken': sampleToken },
    body: receipt.form,
  }
}

function toGameOfWhales(minted: Exclude<MintedReceipt, { store: 'ouya' }>): ReceiptRequest {
  const { platform, store } = shops[minted.store]
  const common = { country: 'US', locale: 'en_US', platform, store, version: '1.0.0' }
  const event = { currency: 'USD', price: 199, transactionId: transactionOf(minted), receipt: minted.receipt.unityReceipt }
  const body = JSON.stringify({ game: 'sandbox-game', user: 'player-1', common, event })
  return { vendor: 'gameofwhales', path: '/receipt', headers: json, body }
}

const shops = {
  google_play: { platform: 'android', store: 'GooglePlay' },
  app_store: { platform: 'ios', store: 'AppleAppStore' },
  samsung: { platform: 'android', store: 'SamsungApps' },
} as const

function transactionOf(minted: Exclude<MintedReceipt, { store: 'ouya' }>): string {
  if (minted.store === 'app_store') return minted.receipt.transactionId
  if (minted.store === 'samsung') return minted.receipt.paymentId
  const { orderId, purchaseToken } = JSON.parse(minted.receipt.purchaseData) as { orderId?: string; purchaseToken?: string }
  return orderId ?? purchaseToken ?? 'unknown'
}

/** The token of the default seed's gamer. */
const sampleToken = '3d1f6a52-8c0b-4e7e-9b57-2f60c1a4d9e8'

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
