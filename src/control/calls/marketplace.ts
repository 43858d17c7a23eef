import { z } from 'zod'
import { NotFound } from '../../kernel/problem.js'
import { keyFrom } from '../../kernel/table.js'
import { act, purchaseActions, type PurchaseAction } from '../../marketplace/actions.js'
import { purchases, storeNames, storeTitle, type StoreName, type StorePurchase } from '../../marketplace/marketplace.js'
import { upstreamSetting } from '../../seed/document.js'
import { callReachableFollowers, changeRows } from '../../workspace/rows-written.js'
import type { Setting } from '../../workspace/workspace.js'
import { controlCall } from '../call.js'

const storesShape = z.object(Object.fromEntries(storeNames.map((store) => [store, upstreamSetting])))

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
    summary: 'Change a purchase on the side of its store: renew, cancel, refund, grace, expire, complete',
    answers: {
      200: { description: 'The changed row of marketplace.purchases, created if it did not exist', schema: purchases.schema },
      404: { description: 'Unknown store or act' },
    },
    note: ({ params }) => `${storeTitle(params['store'] ?? '')}: ${params['act']} of ${params['token']}`,
    async handle({ context, params, writing }) {
      const store = storeOf(params)
      const action = actionOf(params)
      const token = params['token'] ?? ''
      const { space } = await writing()
      const now = space.now(await space.setting())
      const key = keyFrom([store, token])
      let after: StorePurchase | undefined
      await changeRows(context, space, async (rows) => {
        // Rows of this table passed its schema at the boundary.
        after = act((await rows.get('marketplace.purchases', key)) as StorePurchase | undefined, action, { now, store, token })
        return [{ table: 'marketplace.purchases', key, row: after }]
      })
      return after
    },
  }),
]

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

function actionOf({ act: wanted }: Readonly<Record<string, string>>): PurchaseAction {
  const known = purchaseActions.find((action) => action === wanted)
  if (known) return known
  throw new NotFound({
    type: 'unknown-act',
    title: 'Act not found.',
    detail: `There is no act "${wanted}" on a purchase; available: ${purchaseActions.join(', ')}.`,
  })
}
