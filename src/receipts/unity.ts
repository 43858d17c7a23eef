import { decodeBase64 } from '../pki/base64.js'
import { nameOfKind, type Read } from '../kernel/body.js'
import type { Unsigned } from './forms.js'
import { parseObject } from './json-object.js'

/** The outer layer of a Unity IAP receipt: which store, and what that store gave, still as text. */
export type UnityContainer =
  | { kind: 'not-json'; reason: string }
  | { kind: 'container'; store: string | undefined; transactionId?: string; payload: unknown; members: Record<string, unknown> }

/**
 * Content of a payload in its store's format. `unusable`: the payload has nothing that the store could be asked with.
 * Only `google-play`, `app-store` and `samsung` can be verified; the rest is for people to look at.
 */
export type UnityPayload =
  | { kind: 'google-play'; json: string; signature: string; skuDetails: string[]; unsigned?: Unsigned }
  | { kind: 'app-store'; receipt: string }
  | { kind: 'samsung'; purchaseId: string }
  | { kind: 'unusable'; reason: string }
  | { kind: 'mac-app-store'; receipt: string }
  | { kind: 'amazon'; members: Record<string, unknown> }
  | { kind: 'other'; payload: unknown }

/**
 * Opens the container that Unity IAP wraps every receipt into. Text or an object already parsed; member order, further members and
 * an absent or misspelt transaction id do not matter. A container that names no store belongs to `fallbackStore`.
 */
export function parseUnityContainer(receipt: string | Record<string, unknown>, fallbackStore?: string): UnityContainer {
  const read = typeof receipt === 'string' ? parseObject(receipt) : { ok: true as const, value: receipt }
  if (!read.ok) return { kind: 'not-json', reason: `the container ${read.reason}` }
  const { Store: named, TransactionID: id, Payload: payload } = read.value
  const store = typeof named === 'string' && named !== '' ? named : fallbackStore
  const transactionId = typeof id === 'string' ? { transactionId: id } : {}
  return { kind: 'container', store, ...transactionId, payload, members: read.value }
}

/** Reads a container's payload the way its store writes it (Unity manual; Unity IAP archives in the Game of Whales SDK). */
export function readUnityPayload({ store, payload }: Extract<UnityContainer, { kind: 'container' }>): UnityPayload {
  switch (store) {
    case 'GooglePlay':
      return readGooglePlay(payload)
    case 'AppleAppStore':
      return readAppStore(payload)
    case 'SamsungApps':
      return readSamsung(payload)
    case 'MacAppStore':
      return typeof payload === 'string' ? { kind: 'mac-app-store', receipt: payload } : { kind: 'other', payload }
    case 'AmazonApps':
    case 'AmazonStore':
      return readAmazon(payload)
    default:
      return { kind: 'other', payload }
  }
}

/** Returns the store that writes a payload of this shape; undefined for an unknown shape. */
export function storeOfPayload(payload: unknown): string | undefined {
  if (typeof payload !== 'string' || payload === '') return undefined
  const read = parseObject(payload)
  if (!read.ok) return decodeBase64(payload).ok ? 'AppleAppStore' : undefined
  if (typeof read.value['json'] === 'string') return 'GooglePlay'
  return typeof read.value['purchaseId'] === 'string' ? 'SamsungApps' : undefined
}

/** The text of a container as a game sends it. */
export function unityContainer(store: string, transactionId: string, payload: string): string {
  return JSON.stringify({ Store: store, TransactionID: transactionId, Payload: payload })
}

/** The payload of a Google Play container. */
export function googlePlayPayload(json: string, signature: string): string {
  return JSON.stringify({ json, signature })
}

/** The payload of a Samsung container; the container's transaction id is the payment id. */
export function samsungPayload(purchaseId: string): string {
  return JSON.stringify({ purchaseId })
}

function readGooglePlay(payload: unknown): UnityPayload {
  const read = readMembers(payload)
  if (!read.ok) return { kind: 'unusable', reason: read.reason }
  const { json, signature, skuDetails } = read.value
  if (typeof json !== 'string')
    return { kind: 'unusable', reason: `the payload's "json" is ${nameOfKind(json)}; it should be the signed text` }
  const details = (Array.isArray(skuDetails) ? skuDetails : [skuDetails]).filter((each) => typeof each === 'string')
  // Without a signature there is still a purchase to look at; verifying it says what is missing.
  if (typeof signature === 'string') return { kind: 'google-play', json, signature, skuDetails: details }
  return { kind: 'google-play', json, signature: '', skuDetails: details, unsigned: { value: signature } }
}

function readAppStore(payload: unknown): UnityPayload {
  if (typeof payload === 'string' && payload !== '') return { kind: 'app-store', receipt: payload }
  return {
    kind: 'unusable',
    reason: `the payload is ${payload === '' ? 'empty' : nameOfKind(payload)}; it should be the receipt in Base64`,
  }
}

function readSamsung(payload: unknown): UnityPayload {
  const read = readMembers(payload)
  if (!read.ok) return { kind: 'unusable', reason: read.reason }
  const { purchaseId } = read.value
  if (typeof purchaseId === 'string' && purchaseId !== '') return { kind: 'samsung', purchaseId }
  return { kind: 'unusable', reason: `the payload's "purchaseId" is ${purchaseId === '' ? 'empty' : nameOfKind(purchaseId)}` }
}

function readAmazon(payload: unknown): UnityPayload {
  const read = readMembers(payload)
  return read.ok ? { kind: 'amazon', members: read.value } : { kind: 'other', payload }
}

function readMembers(payload: unknown): Read<Record<string, unknown>> {
  if (typeof payload !== 'string') return { ok: false, reason: `the payload is ${nameOfKind(payload)}; Unity writes it as JSON text` }
  const read = parseObject(payload)
  return read.ok ? read : { ok: false, reason: `the payload ${read.reason}` }
}
