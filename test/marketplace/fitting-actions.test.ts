import { expect, test } from 'vitest'
import { act, actionsOf, type PurchaseAction } from '../../src/marketplace/actions.js'
import { fittingActions } from '../../src/marketplace/fitting-actions.js'
import { storeNames, type StoreName, type StorePurchase } from '../../src/marketplace/marketplace.js'

const boughtAt = new Date('2026-01-01T00:00:00.000Z')
const club = { app: 'com.example.game', type: 'subscription', period: 'P1M' } as const

/** Returns the row of a purchase after actions, each with its day. */
function rowAfter(store: StoreName, steps: readonly [action: PurchaseAction, day: string][], row: object = club): StorePurchase {
  const sold = act(undefined, 'purchase', { now: boughtAt, store, token: 't', body: { ...row } })
  return steps.reduce((known, [action, day]) => act(known, action, { now: new Date(day), store, token: 't' }), sold)
}

const fitting = (row: StorePurchase, day: string) => fittingActions(row.store, row, new Date(day))

test.each(storeNames)('at %s a subscription that the clock renewed before its cancellation runs to the end of that period', (store) => {
  const row = rowAfter(store, [['cancel', '2026-03-10']])

  expect(fitting(row, '2026-03-20')).toEqual(['renew', 'restart', 'refund', 'expire'])
  expect(fitting(row, '2026-04-02')).toEqual(store === 'app_store' ? ['renew', 'restart', 'refund'] : ['renew', 'refund'])
})

test.each(storeNames)('at %s a purchase that was given up has no action that changes it', (store) => {
  const pending = rowAfter(store, [], { ...club, pending: true })

  expect(fitting(pending, '2026-01-02')).toEqual(['complete', 'abandon'])
  expect(fitting(act(pending, 'abandon', { now: boughtAt, store, token: 't' }), '2026-01-02')).toEqual([])
})

test.each(storeNames)('at %s every fitting action is accepted by the rules of all stores', (store) => {
  for (const row of [rowAfter(store, []), rowAfter(store, [], { type: 'product' }), rowAfter(store, [['refund', '2026-01-02']])]) {
    for (const action of fitting(row, '2026-01-03')) {
      expect(actionsOf(store)).toContain(action)
      expect(act(row, action, { now: boughtAt, store, token: 't' })).not.toEqual(row)
    }
  }
})
