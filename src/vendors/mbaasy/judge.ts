import type { PresentedReceipt, Scope } from '../../contract.js'
import { parseUnityContainer, readUnityPayload } from '../../receipts/unity.js'
import { textsByField, type FieldFault } from './faults.js'
import { readSignedOrder } from './order-upload.js'
import { forgeryIn, forgeryInOrder, judgeReceipt } from './forgery.js'
import { itemsOf } from './receipt-items.js'
import { denialOf } from './settle-order.js'
import type { tables } from './tables.js'

/**
 * What an upload of this receipt would be answered, whoever's token it came with: the status, and the reason of a refusal. Undefined
 * for receipts of stores that Mbaasy does not take.
 */
export async function judge(scope: Scope<typeof tables>, presented: PresentedReceipt): Promise<string | undefined> {
  switch (presented.format) {
    case 'google_play':
      return judgeOrder(scope, presented.purchaseData, presented.signature)
    case 'app_store':
      return judgeAppStore(scope, presented.receipt)
    case 'unity':
      return judgeUnity(scope, presented.container)
    default:
      return undefined
  }
}

/** The container itself is nothing that Mbaasy takes; an app uploads what is in it. */
function judgeUnity(scope: Scope<typeof tables>, container: string): Promise<string | undefined> {
  const opened = parseUnityContainer(container)
  const payload = opened.kind === 'container' ? readUnityPayload(opened) : undefined
  if (payload?.kind === 'google-play') return judgeOrder(scope, payload.json, payload.signature)
  if (payload?.kind === 'app-store') return judgeAppStore(scope, payload.receipt)
  return Promise.resolve(undefined)
}

async function judgeOrder(scope: Scope<typeof tables>, data: string, signature: string): Promise<string> {
  const faults: FieldFault[] = []
  const upload = readSignedOrder({ purchase_data: data, purchase_signature: signature }, faults)
  if (!upload) return `422 ${JSON.stringify(textsByField(faults))}`
  return scope.transact(async (db, { marketplace }) => {
    const app = await db.playStoreApps.get(upload.packageName)
    if (!app) return `422 ${upload.packageName} is not a registered package name`
    if (forgeryInOrder(scope.keys, upload, app) !== undefined) return '402 invalid_signature'
    if (!scope.reachable('google_play')) return '206'
    const denial = denialOf(await marketplace.purchase('google_play', upload.purchaseToken), {
      app: upload.packageName,
      productId: upload.purchase.productId,
    })
    return denial ? `402 ${denial}` : '200'
  })
}

async function judgeAppStore(scope: Scope<typeof tables>, receipt: string): Promise<string> {
  const { claims } = judgeReceipt(scope.keys, receipt)
  if (claims?.bundleId === undefined) return '422 is not a valid receipt'
  const { bundleId } = claims
  return scope.transact(async (db, { marketplace }) => {
    const app = await db.appStoreApps.get(bundleId)
    if (!app) return `422 ${bundleId} is not a registered bundle id`
    if (forgeryIn(judgeReceipt(scope.keys, receipt, app), app) !== undefined) return '402 invalid_signature'
    if (!scope.reachable('app_store')) return '206'
    for (const { transactionId, productId } of itemsOf(claims, scope.now)) {
      const denial = denialOf(await marketplace.purchase('app_store', transactionId), { app: bundleId, productId })
      if (denial) return `402 ${denial}`
    }
    return '200'
  })
}
