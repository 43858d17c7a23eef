import { createHmac } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { WebhookKind } from '../../../contract.js'
import { writeExactJson } from '../../../kernel/json/exact.js'
import { purchaseAttributes, purchaseResource, timestamp, type PurchaseResource } from '../resources.js'
import type { TransactionScope } from './transaction-scope.js'
import type { InAppPurchase } from '../tables.js'

/** Retries of events; their number and times are our choice. */
export const webhooks: Readonly<Record<string, WebhookKind>> = {
  event: {
    retryAfterMs: [1, 5, 30, 120, 360].map((minutes) => minutes * 60_000),
    received: ({ status }) => status >= 200 && status < 300,
  },
}

type Attributes = Partial<PurchaseResource>

/** Returns the names of the attributes that changed, without those that the published example does not list. */
export function changedAttributes(before: InAppPurchase, after: InAppPurchase): (keyof PurchaseResource)[] {
  const [old, young] = [purchaseAttributes(before), purchaseAttributes(after)]
  const names = attributeNames(young).filter((name) => !unlisted.has(name) && differ(old[name], young[name]))
  if (names.length === 0) return names
  // The same time may be written in two ways.
  const [shownOld, shownYoung] = [purchaseResource(before), purchaseResource(after)]
  return names.filter((name) => differ(shownOld[name], shownYoung[name]))
}

/** Queues the event of a purchase that was created, or updated from `before`, to every webhook of its app family. */
export async function sendEvent(tx: TransactionScope, purchase: InAppPurchase, before: InAppPurchase | undefined): Promise<void> {
  const hooks = await tx.db.webhooks.where('byFamily', purchase.appFamilyId)
  if (hooks.length === 0) return
  const event = eventOf(tx, purchase, before)
  const body = writeExactJson(event)
  for (const { name, url, hmacKey } of hooks) {
    tx.transaction.deliver({
      kind: 'event',
      event: event.name,
      url,
      headers: {
        'Content-Type': 'application/json',
        // Lower-case hexadecimal over the raw body (vendor page; the vendor's Express middleware).
        'X-SHA256-Digest': createHmac('sha256', hmacKey).update(body).digest('hex'),
      },
      body,
      // In order per purchase and receiver, so that a receiver that is down does not delay the others.
      lane: `${purchase.id}/${name}`,
    })
  }
}

/** An event as it goes out (vendor page, Event Payloads). */
function eventOf({ ids, now }: TransactionScope, purchase: InAppPurchase, before: InAppPurchase | undefined) {
  const data = purchaseResource(purchase)
  const names = before ? changedAttributes(before, purchase) : attributeNames(data).filter((name) => data[name] !== null)
  return {
    id: ids.uuid(),
    type: 'in_app_purchase',
    name: before ? 'in_app_purchase.updated' : 'in_app_purchase.created',
    data,
    previous_attributes: before ? pick(purchaseResource(before), names) : {},
    new_attributes: pick(data, names),
    created_at: timestamp(now.toISOString()),
  }
}

/** Attributes that are not listed as changes, as in the published example. */
const unlisted = new Set<keyof PurchaseResource>(['version', 'last_synced_at'])

function differ(one: unknown, other: unknown): boolean {
  return one !== other && !isDeepStrictEqual(one, other)
}

function attributeNames(data: object): (keyof PurchaseResource)[] {
  // The resource is built by a literal, so it has these keys and no others.
  return Object.keys(data) as (keyof PurchaseResource)[]
}

function pick(data: PurchaseResource, names: readonly (keyof PurchaseResource)[]): Attributes {
  return Object.fromEntries(names.map((name) => [name, data[name]]))
}
