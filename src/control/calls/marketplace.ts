import { z } from 'zod'
import type { LaterPayment } from '../../contract.js'
import { InvalidInput, NotFound } from '../../kernel/problem.js'
import { keyFrom } from '../../kernel/table.js'
import { bodyOfAction } from '../../marketplace/action-bodies.js'
import { act, actionsOf, purchaseActions, type PurchaseAction } from '../../marketplace/actions.js'
import { purchases, storeNames, storeTitle, type StoreName, type StorePurchase } from '../../marketplace/marketplace.js'
import { upstreamSetting } from '../../seed/document.js'
import type { Rows } from '../../store/store.js'
import { callReachableFollowers, changeRows } from '../../workspace/rows-written.js'
import type { Setting } from '../../workspace/workspace.js'
import { check } from '../read-input.js'
import { controlCall } from '../call.js'
import type { ControlContext } from '../context.js'

const storesShape = z.object(Object.fromEntries(storeNames.map((store) => [store, upstreamSetting])))

/** Members of the bodies of all acts, for the documents; each act checks its own. */
const actionBody = z
  .looseObject({
    reason: z
      .union([z.string(), z.int()])
      .optional()
      .describe(
        'cancel: user, publisher or marketplace; refund and revoke: the number of the reason; expire: VOLUNTARY, BILLING_RETRY, PRICE_INCREASE or PRODUCT_NOT_FOR_SALE; refund-request: a consumptionRequestReason at the App Store, a number at Google Play',
      ),
    quantity: z.int().optional().describe('refund: number of pieces'),
    share: z.number().optional().describe('refund: percent of the price'),
    until: z.iso.datetime().optional().describe('grace and pause'),
  })
  .describe('Optional. The body of purchase is a row of marketplace.purchases without store and token')
  .optional()

/** The simulated stores: their reachability, and changes of purchases on their side. */
export const upstreamCalls = [
  controlCall({
    method: 'GET',
    path: '/upstreams',
    tag: 'stores',
    summary: 'Reachability of each simulated store',
    answers: { 200: { description: 'Each store', schema: storesShape } },
    async handle({ reading }) {
      const { space } = await reading()
      const setting = await space.setting()
      return Object.fromEntries(storeNames.map((store) => [store, show(setting, store)]))
    },
  }),
  controlCall({
    method: 'GET',
    path: '/upstreams/{store}',
    tag: 'stores',
    summary: 'Reachability of one simulated store',
    answers: { 200: { description: 'The store', schema: upstreamSetting }, 404: { description: 'Unknown store' } },
    async handle({ params, reading }) {
      const store = storeOf(params)
      const { space } = await reading()
      return show(await space.setting(), store)
    },
  }),
  controlCall({
    method: 'PUT',
    path: '/upstreams/{store}',
    tag: 'stores',
    summary: 'Make a simulated store reachable or unreachable; work that waited for it is done before the reply',
    body: upstreamSetting,
    answers: { 200: { description: 'The store', schema: upstreamSetting }, 404: { description: 'Unknown store' } },
    note: ({ params, body }) => `${storeTitle(params['store'] ?? '')} ${body.reachable ? 'answers again' : 'cannot be reached'}`,
    async handle({ context, params, body, writing }) {
      const store = storeOf(params)
      const { space } = await writing()
      await changeRows(context, space, [{ table: 'sandbox.upstreams', key: keyFrom([store]), row: { store, ...body } }])
      // Also if it was reachable before: a process that was killed in between left work undone.
      if (body.reachable) await callReachableFollowers(context, space, store)
      return body
    },
  }),
  controlCall({
    method: 'POST',
    path: '/upstreams/{store}/purchases/{token}/{act}',
    tag: 'stores',
    summary: `Change a purchase on the side of its store: ${purchaseActions.join(', ')}; a store has its own of these`,
    body: actionBody,
    bodyOptional: true,
    answers: {
      200: { description: 'The changed row of marketplace.purchases, created if it did not exist', schema: purchases.schema },
      404: { description: 'Unknown store' },
      422: { description: 'The store has no such act, the act takes no such member, or the state of the purchase does not allow it' },
    },
    note: ({ params }) => `${storeTitle(params['store'] ?? '')}: ${params['act']} of ${params['token']}`,
    async handle({ context, params, body, writing }) {
      const store = storeOf(params)
      const action = actionOf(store, params)
      const members = check(bodyOfAction(action, store), body ?? {}, `Invalid body of ${action}.`) as Readonly<Record<string, unknown>>
      const { space } = await writing()
      const now = space.now(await space.setting())
      let key = ''
      await changeRows(context, space, async (rows) => {
        const id = params['token'] ?? ''
        const { token, isPast } = await paymentOf(context, rows, { store, id })
        key = keyFrom([store, token])
        const cause = { action, body: members, id, isPast }
        // Rows of this table passed its schema at the boundary.
        const row = act((await rows.get(table, key)) as StorePurchase | undefined, action, { now, store, token, body: members, isPast })
        return [{ table, key, row, cause }]
      })
      // Vendors that follow the change may have changed the row again.
      return (await space.transact((rows) => rows.get(table, key))).value
    },
  }),
]

const table = 'marketplace.purchases'

/** The payment of an id. Vendors lead the id of a renewal to the first one, whose row stands for all of them. */
async function paymentOf(
  { vendors, vendorParts }: ControlContext,
  rows: Rows,
  { store, id }: { store: StoreName; id: string },
): Promise<LaterPayment> {
  if (await rows.get(table, keyFrom([store, id]))) return { token: id }
  for (const vendor of vendors) {
    const payment = await vendor.laterPayment?.(vendorParts.get(vendor.id)!.tables(rows), store, id)
    if (payment) return payment
  }
  return { token: id }
}

function show(setting: Setting, store: StoreName): z.infer<typeof upstreamSetting> {
  return { reachable: !setting.unreachable.has(store) }
}

function storeOf({ store }: Readonly<Record<string, string>>): StoreName {
  const known = storeNames.find((name) => name === store)
  if (known) return known
  throw new NotFound({
    type: 'unknown-upstream',
    title: 'Store not found.',
    detail: `There is no store "${store}"; available: ${storeNames.join(', ')}.`,
  })
}

function actionOf(store: StoreName, { act: wanted }: Readonly<Record<string, string>>): PurchaseAction {
  const actions = actionsOf(store)
  const known = actions.find((action) => action === wanted)
  if (known) return known
  throw new InvalidInput({
    type: 'unknown-act',
    title: 'Action not found.',
    detail: `${store} has no action "${wanted}" on a purchase; available: ${actions.join(', ')}.`,
    errors: [{ path: '/act', message: 'is not an action of this store' }],
  })
}
