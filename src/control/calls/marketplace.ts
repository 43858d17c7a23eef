import { z } from 'zod'
import { Problem } from '../../kernel/problem.js'
import { keyFrom } from '../../kernel/table.js'
import { act, purchaseActions, type PurchaseAction } from '../../marketplace/actions.js'
import { purchases, storeNames, type StoreName, type StorePurchase } from '../../marketplace/marketplace.js'
import { upstreamSetting } from '../../seed/document.js'
import { callReachableFollowers, changeRows } from '../../workspace/rows-written.js'
import type { Setting } from '../../workspace/workspace.js'
import { controlCall } from '../call.js'

const storesShape = z.object(Object.fromEntries(storeNames.map((store) => [store, upstreamSetting])))

/** The simulated stores: whether they answer, and what happens to a purchase on their side. */
export const upstreamCalls = [
  controlCall({
    method: 'GET',
    path: '/upstreams',
    tag: 'stores',
    summary: 'Which simulated stores answer',
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
    summary: 'Whether a simulated store answers',
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
    summary: 'Let a simulated store answer or not; what waited for it is done before the answer',
    body: upstreamSetting,
    answers: { 200: { description: 'The store', schema: upstreamSetting }, 404: { description: 'Unknown store' } },
    async handle({ context, params, body, writing }) {
      const store = storeOf(params)
      const { space } = await writing()
      await changeRows(context, space, [{ table: 'sandbox.upstreams', key: keyFrom([store]), row: { store, ...body } }])
      // Also when it did answer before: a sandbox killed in between has the rest still to do.
      if (body.reachable) await callReachableFollowers(context, space, store)
      return body
    },
  }),
  controlCall({
    method: 'POST',
    path: '/upstreams/{store}/purchases/{token}/{act}',
    tag: 'stores',
    summary: "The store's side of a purchase's life: renew, cancel, refund, grace, expire, complete",
    answers: {
      200: { description: 'The changed row of marketplace.purchases, made when there was none', schema: purchases.schema },
      404: { description: 'Unknown store or act' },
    },
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
  throw new Problem(404, 'unknown-upstream', 'No such store.', `There is no store "${store}"; there are ${storeNames.join(', ')}.`)
}

function actionOf({ act: wanted }: Readonly<Record<string, string>>): PurchaseAction {
  const known = purchaseActions.find((action) => action === wanted)
  if (known) return known
  throw new Problem(404, 'unknown-act', 'No such act.', `A purchase cannot "${wanted}"; there are ${purchaseActions.join(', ')}.`)
}
