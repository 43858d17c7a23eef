import { z } from 'zod'
import type { OwnReceiptCall, Vendor } from '../../../contract.js'
import { keyFrom } from '../../../kernel/table.js'
import type { StorePurchase } from '../../../marketplace/marketplace.js'
import { appStoreDevelopment } from '../../../receipts/app-store/development.js'
import { mintAppStore } from '../../../receipts/app-store/mint.js'
import { appStoreRequest } from '../../../receipts/app-store/mint-request.js'
import { mint as mintGooglePlay, mintInput } from '../../../receipts/google-play.js'
import { claimsOf, type PurchaseData } from '../../../receipts/purchase-data.js'
import { mint as mintSamsung } from '../../../receipts/samsung.js'
import { googlePlayPayload, samsungPayload, unityContainer } from '../../../receipts/unity.js'
import { spkiBase64 } from '../../../pki/rsa-key.js'
import { changeRows } from '../../../workspace/rows-written.js'
import { scopeOf } from '../../../workspace/scope.js'
import { jsonResponse } from '../../app.js'
import { controlCall, type ControlCall, type ControlInput } from '../../call.js'
import type { ControlContext } from '../../context.js'
import { configuredApps } from './apps.js'
import { soldPurchase, type SoldMembers } from './sold-purchase.js'

const unityReceipt = z.string().describe('The receipt in the form in which Unity IAP passes it to the game')

const samsungRequest = z.strictObject({
  paymentId: z.string().min(1).optional(),
  itemId: z.string().min(1).optional(),
  app: z.string().min(1).optional(),
})

/** Minting of receipts: those of the simulated stores, signed with the sandbox's development keys, and the own kinds of vendors. */
export function receiptCalls(vendors: readonly Vendor[]): ControlCall[] {
  return [...storeReceiptCalls, ...vendors.flatMap(ownReceiptCalls)]
}

const storeReceiptCalls = [
  controlCall({
    method: 'POST',
    path: '/receipts/google_play',
    tag: 'receipts',
    summary: 'A signed Google Play purchase',
    body: mintInput,
    answers: {
      200: {
        description: 'The purchase, and the licence key that verifies it',
        schema: z.object({
          purchaseData: z.string(),
          signature: z.string(),
          licenseKey: z.string(),
          unityReceipt,
          purchaseToken: z.string().nullable(),
          orderId: z.string().nullable(),
          registered: z.boolean().describe('The simulated store knows the purchase from now on'),
          warnings: z.array(z.string()),
        }),
      },
      422: { description: 'Invalid mint request' },
    },
    async handle({ context, body, writing }) {
      const { space } = await writing()
      const { development } = context.keys
      const { now, random } = await sourceOf(space)
      const { soldToken, ...minted } = mintGooglePlay(body, { key: development.googlePlay, foreignKey: development.foreign, now, random })
      const { claims } = claimsOf(JSON.parse(minted.purchaseData) as Record<string, unknown>)
      const { purchaseToken, orderId } = claims
      const registered = body.register !== false && soldToken !== undefined && (await register(context, space, { soldToken, claims, body }))
      await space.settle()
      const licenseKey = spkiBase64(development.googlePlay)
      const apps = await configuredApps(context, space, 'google_play', body.packageName)
      return {
        ...minted,
        licenseKey,
        unityReceipt: unityContainer('GooglePlay', purchaseToken ?? '', googlePlayPayload(minted.purchaseData, minted.signature)),
        purchaseToken: purchaseToken ?? null,
        orderId: orderId ?? null,
        registered,
        warnings: apps
          .filter((app) => app.licenseKey?.replaceAll(/\s/g, '') !== licenseKey)
          .map(({ vendor, name, licenseKey: other }) => {
            const held = other === undefined ? 'no licence key' : 'another licence key'
            return `${vendor.title}: ${name} holds ${held} for ${body.packageName} and rejects this receipt; set the licenseKey of this response there.`
          }),
      }
    },
  }),
  controlCall({
    method: 'POST',
    path: '/receipts/app_store',
    tag: 'receipts',
    summary: 'An App Store receipt of either style',
    body: appStoreRequest,
    answers: {
      200: {
        description: 'The receipt in Base64, and the PEM of the root to trust',
        schema: z.object({ receipt: z.string(), transactionId: z.string(), unityReceipt, root: z.string() }),
      },
      422: { description: 'Invalid mint request' },
    },
    async handle({ context, body, writing }) {
      const { space } = await writing()
      const material = context.keys.prepared('app store development keys', appStoreDevelopment)
      const minted = mintAppStore(body, { material, ...(await sourceOf(space)) })
      await space.settle()
      return { ...minted, unityReceipt: unityContainer('AppleAppStore', minted.transactionId, minted.receipt), root: material.root }
    },
  }),
  controlCall({
    method: 'POST',
    path: '/receipts/samsung',
    tag: 'receipts',
    summary: 'A Samsung purchase, added to the simulated store',
    body: samsungRequest.default({}),
    bodyOptional: true,
    answers: {
      200: { description: 'Ids of the purchase', schema: z.object({ purchaseId: z.string(), paymentId: z.string(), unityReceipt }) },
      422: { description: 'Invalid mint request' },
    },
    async handle({ context, body, writing }) {
      const { space } = await writing()
      const { purchaseId, paymentId } = mintSamsung(body, await sourceOf(space))
      const { itemId: productId, app } = body
      const row = { store: 'samsung', token: purchaseId, paymentId, ...(productId && { productId }), ...(app && { app }) }
      await changeRows(context, space, [{ table: 'marketplace.purchases', key: keyFrom(['samsung', purchaseId]), row }])
      return { purchaseId, paymentId, unityReceipt: unityContainer('SamsungApps', paymentId, samsungPayload(purchaseId)) }
    },
  }),
]

/** A minted purchase with the request for it. */
interface Minted {
  soldToken: string
  claims: PurchaseData
  body: SoldMembers
}

/** Adds a minted purchase to the simulated store. Returns false if its data are such that no store can have sold it. */
async function register(context: ControlContext, space: Space, { soldToken, claims, body }: Minted): Promise<boolean> {
  const key = keyFrom(['google_play', soldToken])
  const written = await changeRows(context, space, async (rows) => {
    // Rows of this table passed its schema at the boundary.
    const known = (await rows.get('marketplace.purchases', key)) as StorePurchase | undefined
    const row = soldPurchase(soldToken, claims, { sold: body, known })
    return row ? [{ table: 'marketplace.purchases', key, row }] : []
  })
  return written.length > 0
}

type Space = Awaited<ReturnType<ControlInput['writing']>>['space']

async function sourceOf(space: Space) {
  const setting = await space.setting()
  return { now: space.now(setting), random: (size: number) => space.ids.bytes(size) }
}

/** The calls of a vendor that has its own kind of receipt. */
function ownReceiptCalls(vendor: Vendor): ControlCall[] {
  const { ownReceipt } = vendor
  if (!ownReceipt) return []
  const { format, mint, open } = ownReceipt
  return [ownReceiptCall(vendor, `/receipts/${format}`, mint), ownReceiptCall(vendor, `/receipts/${format}/open`, open)]
}

function ownReceiptCall(vendor: Vendor, path: string, { summary, body, reply, refusal, handle }: OwnReceiptCall): ControlCall {
  return controlCall({
    method: 'POST',
    path,
    tag: 'receipts',
    summary,
    body,
    answers: { 200: { mediaType: 'application/json', ...reply }, 422: { description: refusal } },
    async handle({ context, body: sent, writing }) {
      const { space } = await writing()
      const value = await handle(scopeOf(context, space, await space.setting(), vendor.id), sent)
      await space.settle()
      return jsonResponse(200, value)
    },
  })
}
