import { z } from 'zod'
import type { MintedReceipt, OwnReceiptCall, Vendor } from '../../../contract.js'
import { InvalidInput } from '../../../kernel/problem.js'
import { keyFrom } from '../../../kernel/table.js'
import { appStoreDevelopment } from '../../../receipts/app-store/development.js'
import { mintAppStore } from '../../../receipts/app-store/mint.js'
import { appStoreRequest, warningsOf, type AppStoreRequest } from '../../../receipts/app-store/mint-request.js'
import { addPeriod, isPeriod } from '../../../marketplace/period.js'
import { mint as mintGooglePlay, mintInput, unknownMembers } from '../../../receipts/google-play.js'
import { purchases } from '../../../marketplace/marketplace.js'
import { mint as mintSamsung } from '../../../receipts/samsung.js'
import { googlePlayPayload, samsungPayload, unityContainer } from '../../../receipts/unity.js'
import { spkiBase64 } from '../../../pki/rsa-key.js'
import { changeRows } from '../../../workspace/rows-written.js'
import { scopeOf } from '../../../workspace/scope.js'
import type { Workspace } from '../../../workspace/workspace.js'
import type { ControlContext } from '../../context.js'
import { jsonResponse } from '../../app.js'
import { controlCall, type ControlCall, type ControlInput } from '../../call.js'
import { configuredApps } from './apps.js'

const unityReceipt = z.string().describe('The receipt in the form in which Unity IAP passes it to the game')

/** Members of a Samsung purchase to mint. */
export const samsungRequest = z
  .strictObject({
    paymentId: z.string().min(1).optional(),
    itemId: z.string().min(1).optional(),
    app: z.string().min(1).optional(),
    orderId: z.string().min(1).optional(),
    type: purchases.schema.shape.type,
    period: purchases.schema.shape.period,
    trial: purchases.schema.shape.trial,
    testPurchase: purchases.schema.shape.testPurchase,
    pending: purchases.schema.shape.pending,
    priceMicros: purchases.schema.shape.priceMicros,
    currencyCode: purchases.schema.shape.currencyCode,
    countryCode: purchases.schema.shape.countryCode,
    customer: purchases.schema.shape.customer,
    accountId: purchases.schema.shape.accountId,
    profileId: purchases.schema.shape.profileId,
    passThrough: purchases.schema.shape.passThrough,
  })
  .refine(({ type, period, trial }) => type !== 'product' || (period ?? trial) === undefined, {
    path: ['type'],
    error: 'is product, and period and trial are those of a subscription',
  })

/** Response of minting a Google Play purchase. */
export const mintedGooglePlay = z.object({
  purchaseData: z.string(),
  signature: z.string(),
  licenseKey: z.string(),
  unityReceipt,
  purchaseToken: z.string().nullable().optional().describe('This and the following members need the vendor google_play'),
  orderId: z.string().nullable().optional(),
  registered: z.boolean().optional().describe('The simulated store knows the purchase from now on'),
  warnings: z.array(z.string()),
})

/** Response of minting an App Store receipt. */
export const mintedAppStore = z.object({
  receipt: z.string(),
  transactionId: z.string(),
  unityReceipt,
  root: z.string(),
  originalTransactionId: z.string().optional(),
  signedTransactions: z
    .array(z.string())
    .optional()
    .describe('A JWS for each item; these and the following members need the vendor app_store'),
  signedRenewalInfo: z.string().optional(),
  signedAppTransaction: z.string().optional(),
  jwsRoot: z.string().optional().describe('PEM of the root to trust for JWS'),
  registered: z.array(z.string()).optional().describe('Tokens of the rows that were added to marketplace.purchases'),
  warnings: z.array(z.string()),
})

/** Response of minting a Samsung purchase. */
export const mintedSamsung = z.object({ purchaseId: z.string(), paymentId: z.string(), orderId: z.string(), unityReceipt })

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
        schema: mintedGooglePlay,
      },
      422: { description: 'Invalid mint request' },
    },
    async handle({ context, body, writing }) {
      const { space } = await writing()
      const { development } = context.keys
      const { now, random } = await sourceOf(space)
      const minted = mintGooglePlay(body, { key: development.googlePlay, foreignKey: development.foreign, now, random })
      const licenseKey = spkiBase64(development.googlePlay)
      const { purchaseToken } = JSON.parse(minted.purchaseData) as { purchaseToken?: string }
      const apps = await configuredApps(context, space, 'google_play', body.packageName)
      const receipt = {
        ...minted,
        unityReceipt: unityContainer('GooglePlay', purchaseToken ?? '', googlePlayPayload(minted.purchaseData, minted.signature)),
      }
      const more = await membersOfVendors(context, space, { store: 'google_play', members: body, receipt })
      return {
        ...receipt,
        licenseKey,
        ...more,
        warnings: [
          ...unknownMembers(body),
          ...apps
            .filter((app) => app.licenseKey?.replaceAll(/\s/g, '') !== licenseKey)
            .map(({ vendor, name, licenseKey: other }) => {
              const held = other === undefined ? 'no licence key' : 'another licence key'
              return `${vendor.title}: ${name} holds ${held} for ${body.packageName} and rejects this receipt; set the licenseKey of this response there.`
            }),
        ],
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
        schema: mintedAppStore,
      },
      422: { description: 'Invalid mint request' },
    },
    async handle({ context, body, writing }) {
      const { space } = await writing()
      const material = context.keys.prepared('app store development keys', appStoreDevelopment)
      const source = await sourceOf(space)
      const minted = mintAppStore(withPeriod(body, source.now), { material, ...source })
      const { receipt, transactionId } = minted
      const handed = { receipt, transactionId, unityReceipt: unityContainer('AppleAppStore', transactionId, receipt) }
      const more = await membersOfVendors(context, space, {
        store: 'app_store',
        members: body,
        receipt: handed,
      })
      return { ...handed, root: material.root, ...more, warnings: warningsOf(body) }
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
      200: {
        description: 'Ids of the purchase',
        schema: mintedSamsung,
      },
      422: { description: 'Invalid mint request' },
    },
    async handle({ context, body, writing }) {
      const { space } = await writing()
      const source = await sourceOf(space)
      const { purchaseId, paymentId, orderId } = mintSamsung(body, source)
      const { paymentId: _payment, orderId: _order, itemId: productId, ...members } = body
      const row = {
        store: 'samsung',
        token: purchaseId,
        paymentId,
        orderId,
        ...(productId && { productId }),
        ...members,
        purchasedAt: source.now.toISOString(),
      }
      await changeRows(context, space, [{ table: 'marketplace.purchases', key: keyFrom(['samsung', purchaseId]), row }])
      return { purchaseId, paymentId, orderId, unityReceipt: unityContainer('SamsungApps', paymentId, samsungPayload(purchaseId)) }
    },
  }),
]

/** Calls `onMinted` of the vendors for a minted receipt, and returns the members that they add. */
async function membersOfVendors(context: ControlContext, space: Workspace, minted: MintedReceipt): Promise<Record<string, unknown>> {
  const setting = await space.setting()
  const more: Record<string, unknown> = {}
  for (const vendor of context.vendors) {
    Object.assign(more, await vendor.onMinted?.(scopeOf(context, space, setting, vendor.id), minted))
  }
  return more
}

/** Returns a mint request whose purchase is an auto-renewable subscription, if it has a period. */
function withPeriod(body: AppStoreRequest, now: Date): AppStoreRequest {
  const { period, productId, transactionId, items } = body
  if (period === undefined) return body
  if (!isPeriod(period)) {
    throw new InvalidInput({
      type: 'invalid',
      title: 'Invalid body.',
      errors: [{ path: '/period', message: 'must be an ISO 8601 duration of at least a minute, such as P1M' }],
    })
  }
  const all = items ?? [{ productId: productId!, ...(transactionId !== undefined && { transactionId }) }]
  return {
    ...body,
    items: all.map((item) => {
      const { purchaseDate = now.toISOString(), type = 'auto-renewable', expiresDate } = item
      if (type !== 'auto-renewable' || expiresDate !== undefined) return item
      return { ...item, type, purchaseDate, expiresDate: addPeriod(new Date(purchaseDate), period).toISOString() }
    }),
  }
}

async function sourceOf(space: Awaited<ReturnType<ControlInput['writing']>>['space']) {
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
      return jsonResponse(200, await handle(scopeOf(context, space, await space.setting(), vendor.id), sent))
    },
  })
}
