import { createHmac } from 'node:crypto'
import type { WebhookKind } from '../../../contract.js'
import { writeExactJson } from '../../../kernel/json/exact.js'
import { purchaseResource, timestamp, type PurchaseResource } from '../resources.js'
import type { Ledger } from './ledger.js'
import type { InAppPurchase } from '../tables.js'

/** How events are sent again; how often and when is our choice. */
export const webhooks: Readonly<Record<string, WebhookKind>> = {
  event: {
    retryAfterMs: [1, 5, 30, 120, 360].map((minutes) => minutes * 60_000),
    received: ({ status }) => status >= 200 && status < 300,
  },
}

type Attributes = Partial<PurchaseResource>

/** What a change makes different: old and new values of the attributes that changed, as the published example lists them. */
export function changedAttributes(before: InAppPurchase, after: InAppPurchase): { previous: Attributes; fresh: Attributes } {
  const [old, young] = [purchaseResource(before), purchaseResource(after)]
  const names = attributeNames(young).filter((name) => !unlisted.has(name) && JSON.stringify(old[name]) !== JSON.stringify(young[name]))
  return { previous: pick(old, names), fresh: pick(young, names) }
}

/** Queues the event of a purchase that was created, or updated from `before`, to every webhook of its app family. */
export async function sendEvent(ledger: Ledger, purchase: InAppPurchase, before: InAppPurchase | undefined): Promise<void> {
  const hooks = await ledger.db.webhooks.where('byFamily', purchase.appFamilyId)
  if (hooks.length === 0) return
  const event = eventOf(ledger, purchase, before)
  const body = writeExactJson(event)
  for (const { name, url, hmacKey } of hooks) {
    ledger.transaction.deliver({
      kind: 'event',
      event: event.name,
      url,
      headers: {
        'Content-Type': 'application/json',
        // Lower-case hexadecimal over the raw body (vendor page; the vendor's Express middleware).
        'X-SHA256-Digest': createHmac('sha256', hmacKey).update(body).digest('hex'),
      },
      body,
      // In order per purchase; a receiver that is down holds up nobody but itself.
      lane: `${purchase.id}/${name}`,
    })
  }
}

/** An event as it goes out (vendor page, Event Payloads). */
function eventOf({ ids, now }: Ledger, purchase: InAppPurchase, before: InAppPurchase | undefined) {
  const data = purchaseResource(purchase)
  const changes = before ? changedAttributes(before, purchase) : { previous: {}, fresh: known(data) }
  return {
    id: ids.uuid(),
    type: 'in_app_purchase',
    name: before ? 'in_app_purchase.updated' : 'in_app_purchase.created',
    data,
    previous_attributes: changes.previous,
    new_attributes: changes.fresh,
    created_at: timestamp(now.toISOString()),
  }
}

/** Counting and asking is no change of the purchase: the published example lists neither. */
const unlisted = new Set<keyof PurchaseResource>(['version', 'last_synced_at'])

function known(data: PurchaseResource): Attributes {
  return pick(
    data,
    attributeNames(data).filter((name) => data[name] !== null),
  )
}

function attributeNames(data: PurchaseResource): (keyof PurchaseResource)[] {
  // The resource is built by a literal, so it has these keys and no others.
  return Object.keys(data) as (keyof PurchaseResource)[]
}

function pick(data: PurchaseResource, names: readonly (keyof PurchaseResource)[]): Attributes {
  return Object.fromEntries(names.map((name) => [name, data[name]]))
}
