import type { ControlClient } from './control-client.js'
import type { Delivery } from './types.js'

/** Reads the deliveries of a workspace, oldest first, over as many pages as they need. */
export async function allDeliveries(client: ControlClient): Promise<Delivery[]> {
  const all: Delivery[] = []
  for (let after: string | null = ''; after !== null;) {
    const query: string = after === '' ? '' : `?after=${encodeURIComponent(after)}`
    const page: DeliveryPage = await client.call('GET', `webhooks${query}`)
    all.push(...page.deliveries)
    after = page.next
  }
  return all
}

interface DeliveryPage {
  deliveries: Delivery[]
  next: string | null
}
