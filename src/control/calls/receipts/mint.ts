import { z } from 'zod'
import type { ControlRoute, Vendor } from '../../../contract.js'
import type { ControlContext } from '../../context.js'
import { keyFrom } from '../../../kernel/table.js'
import { Problem } from '../../../kernel/problem.js'
import { appStoreDevelopment } from '../../../receipts/app-store/development.js'
import { mintAppStore } from '../../../receipts/app-store/mint.js'
import { appStoreRequest } from '../../../receipts/app-store/mint-request.js'
import { mint as mintGooglePlay, mintInput } from '../../../receipts/google-play.js'
import { mint as mintSamsung } from '../../../receipts/samsung.js'
import { googlePlayPayload, samsungPayload, unityContainer } from '../../../receipts/unity.js'
import { spkiBase64 } from '../../../pki/rsa-key.js'
import { changeRows } from '../../../workspace/rows-written.js'
import { check, jsonResponse } from '../../app.js'
import { controlCall, type ControlInput } from '../../call.js'
import { configuredApps } from './apps.js'
import { askVendor } from '../vendor-calls.js'

const unityReceipt = z.string().describe('The same as Unity IAP hands it to the game')

const samsungRequest = z.strictObject({
  paymentId: z.string().min(1).optional(),
  itemId: z.string().min(1).optional(),
  app: z.string().min(1).optional(),
})

/** Receipts as stores and consoles make them, signed with the sandbox's own worthless keys. */
export const receiptCalls = [
  controlCall({
    method: 'POST',
    path: '/receipts/google_play',
    tag: 'receipts',
    summary: 'A signed Google Play purchase',
    body: mintInput,
    answers: {
      200: {
        description: 'The purchase, and what to configure so that it is believed',
        schema: z.object({
          purchaseData: z.string(),
          signature: z.string(),
          licenseKey: z.string(),
          unityReceipt,
          warnings: z.array(z.string()),
        }),
      },
      422: { description: 'The wish is wrong' },
    },
    async handle({ context, body, writing }) {
      const { space } = await writing()
      const { development } = context.keys
      const { now, random } = await sourceOf(space)
      const minted = mintGooglePlay(body, { key: development.googlePlay, foreignKey: development.foreign, now, random })
      await space.settle()
      const licenseKey = spkiBase64(development.googlePlay)
      const { purchaseToken } = JSON.parse(minted.purchaseData) as { purchaseToken?: string }
      const apps = await configuredApps(context, space, 'google_play', body.packageName)
      return {
        ...minted,
        licenseKey,
        unityReceipt: unityContainer('GooglePlay', purchaseToken ?? '', googlePlayPayload(minted.purchaseData, minted.signature)),
        warnings: apps
          .filter((app) => app.licenseKey?.replaceAll(/\s/g, '') !== licenseKey)
          .map(({ vendor, name, licenseKey: other }) => {
            const held = other === undefined ? 'no licence key' : 'another licence key'
            return `${vendor.title}: ${name} holds ${held} for ${body.packageName} and will not find this receipt genuine; give it the licenseKey of this answer.`
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
      422: { description: 'The wish is wrong' },
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
    summary: 'A Samsung purchase, known to the simulated store',
    body: samsungRequest.default({}),
    bodyOptional: true,
    answers: {
      200: { description: 'Its ids', schema: z.object({ purchaseId: z.string(), paymentId: z.string(), unityReceipt }) },
      422: { description: 'The wish is wrong' },
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
  controlCall({
    method: 'POST',
    path: '/receipts/ouya',
    tag: 'receipts',
    summary: 'The form that an OUYA console would send to buy',
    body: z.looseObject({ package: z.string(), identifier: z.string(), username: z.string() }),
    answers: {
      200: { description: 'The form', schema: z.object({ form: z.string(), uuid: z.string() }) },
      404: { description: 'OUYA is off' },
      422: { description: 'Unknown gamer or game' },
    },
    handle: (call) => askOuya(call, '/receipts/mint'),
  }),
  controlCall({
    method: 'POST',
    path: '/receipts/ouya/open',
    tag: 'receipts',
    summary: 'What OUYA answered, opened as console and game would',
    body: z.looseObject({ username: z.string(), package: z.string(), body: z.unknown() }),
    answers: {
      200: { description: 'The opened answer' },
      404: { description: 'OUYA is off' },
      422: { description: 'It does not open' },
    },
    handle: (call) => askOuya(call, '/receipts/open'),
  }),
]

async function sourceOf(space: Awaited<ReturnType<ControlInput['writing']>>['space']) {
  const setting = await space.setting()
  return { now: space.now(setting), random: (size: number) => space.ids.bytes(size) }
}

/** Envelopes are OUYA's own business: its slice mints and opens them. */
async function askOuya({ context, body, writing }: ControlInput, path: string): Promise<Response> {
  const { vendor, route } = ouyaRoute(context, path)
  const checked = route.body ? check(route.body, body, 'The body is wrong.') : body
  const reply = await askVendor(context, await writing(), vendor, route, { params: {}, query: new URLSearchParams(), body: checked })
  return jsonResponse(reply.status, JSON.parse(Buffer.from(reply.body).toString()))
}

/** OUYA's call for something, if that vendor is on. @throws Problem 404 when it is off */
function ouyaRoute(context: ControlContext, path: string): { vendor: Vendor; route: ControlRoute } {
  const vendor = context.vendors.find(({ id }) => id === 'ouya')
  const route = vendor?.control?.find((candidate) => candidate.path === path)
  if (vendor && route) return { vendor, route }
  throw new Problem(
    404,
    'unknown-vendor',
    'OUYA is off.',
    'The vendor "ouya" is not on, so its envelopes cannot be made or opened; start with it among --vendors.',
  )
}
