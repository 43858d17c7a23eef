import type { PresentedReceipt, Scope } from '../../../contract.js'
import { parseUnityContainer, readUnityPayload, storeOfPayload } from '../../../receipts/unity.js'
import { textsByField, type InvalidField } from '../invalid-field.js'
import { readSignedOrder } from '../orders/upload.js'
import { receiptSignatureError, orderSignatureError, judgeReceipt } from './signature.js'
import { itemsOf } from './items.js'
import { denialOf } from '../orders/settle.js'
import type { tables } from '../tables.js'

/**
 * Returns the status of an upload of exactly this receipt with the token of its family, and the reason of a refusal. Undefined for
 * receipts of stores that Mbaasy does not accept.
 */
export async function judge(scope: Scope<typeof tables>, presented: PresentedReceipt): Promise<string | undefined> {
  switch (presented.format) {
    case 'unity':
      return judgeText(scope, presented.container, presented)
    case 'wrapped':
      return judgeText(scope, presented.text, presented.contents)
    default:
      return judgeText(scope, undefined, presented)
  }
}

type Contents = Exclude<PresentedReceipt, { format: 'wrapped' }>

/** Judges a receipt, or a string that is uploaded in place of it: Mbaasy accepts the receipt alone and unwraps nothing. */
async function judgeText(scope: Scope<typeof tables>, text: string | undefined, contents: Contents): Promise<string | undefined> {
  switch (contents.format) {
    case 'google_play':
      return judgeOrder(scope, text ?? contents.purchaseData, contents.signature)
    case 'app_store':
      return judgeAppStore(scope, text ?? contents.receipt)
    case 'unity': {
      const inner = openContainer(contents.container)
      return inner && judgeText(scope, text, inner)
    }
    default:
      return undefined
  }
}

/** Returns the receipt in a Unity container, if Mbaasy accepts its store. */
function openContainer(container: string): Contents | undefined {
  const opened = parseUnityContainer(container)
  if (opened.kind === 'not-json') return undefined
  const payload = readUnityPayload({ ...opened, store: opened.store ?? storeOfPayload(opened.payload) })
  if (payload.kind === 'google-play') return { format: 'google_play', purchaseData: payload.json, signature: payload.signature }
  return payload.kind === 'app-store' ? { format: 'app_store', receipt: payload.receipt } : undefined
}

async function judgeOrder(scope: Scope<typeof tables>, data: string, signature: string): Promise<string> {
  const invalidFields: InvalidField[] = []
  const { upload } = readSignedOrder({ purchase_data: data, purchase_signature: signature }, invalidFields)
  if (!upload) return `422 ${sentenceOf(invalidFields)}`
  return scope.transact(async (db, { marketplace }) => {
    const app = await db.playStoreApps.get(upload.packageName)
    if (!app) return `422 ${upload.packageName} is not a registered package name`
    if (orderSignatureError(scope.keys, upload, app) !== undefined) return '402 invalid_signature'
    if (!scope.reachable('google_play')) return '206'
    const denial = denialOf(await marketplace.purchase('google_play', upload.purchaseToken), {
      app: upload.packageName,
      productId: upload.purchase.productId,
    })
    return denial ? `402 ${denial}` : '200'
  })
}

/** Returns the errors of invalid fields in words. */
function sentenceOf(invalidFields: readonly InvalidField[]): string {
  const fields = Object.entries(textsByField(invalidFields))
  return fields.map(([field, texts]) => `${field}: ${texts.join(', ')}`).join('; ')
}

async function judgeAppStore(scope: Scope<typeof tables>, receipt: string): Promise<string> {
  const { claims } = judgeReceipt(scope.keys, receipt)
  if (claims?.bundleId === undefined) return '422 is not a valid receipt'
  const { bundleId } = claims
  return scope.transact(async (db, { marketplace }) => {
    const app = await db.appStoreApps.get(bundleId)
    if (!app) return `422 ${bundleId} is not a registered bundle id`
    if (receiptSignatureError(judgeReceipt(scope.keys, receipt, app), app) !== undefined) return '402 invalid_signature'
    if (!scope.reachable('app_store')) return '206'
    for (const { transactionId, productId } of itemsOf(claims, scope.now)) {
      const denial = denialOf(await marketplace.purchase('app_store', transactionId), { app: bundleId, productId })
      if (denial) return `402 ${denial}`
    }
    return '200'
  })
}
