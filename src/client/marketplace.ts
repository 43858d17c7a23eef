import type { ControlClient } from './control-client.js'
import type { StoreName, StorePurchase } from '../marketplace/marketplace.js'

/** The simulated stores: their reachability, and their side of a purchase. A token is a purchase token, a transaction id or a Samsung purchase id. */
export interface MarketplaceControl {
  /** Makes a store unreachable for the vendors. */
  down(store: StoreName): Promise<void>
  /** Makes it reachable again; what waited for it happens before this resolves. */
  up(store: StoreName): Promise<void>
  /** Reachability of each store. */
  reachable(): Promise<Record<StoreName, boolean>>
  /** Starts the next period of a subscription. */
  renew(store: StoreName, token: string): Promise<StorePurchase>
  /** The user turns renewal off. */
  cancel(store: StoreName, token: string): Promise<StorePurchase>
  /** The publisher pays back. */
  refund(store: StoreName, token: string): Promise<StorePurchase>
  /** Payment fails, and the subscription goes on for a while. */
  grace(store: StoreName, token: string): Promise<StorePurchase>
  /** Ends the period now. */
  expire(store: StoreName, token: string): Promise<StorePurchase>
  /** A pending purchase is paid. */
  complete(store: StoreName, token: string): Promise<StorePurchase>
}

/** Returns the simulated stores over a control client. */
export function marketplaceOf(client: ControlClient): MarketplaceControl {
  const set = async (store: StoreName, reachable: boolean) => void (await client.call('PUT', `upstreams/${store}`, { reachable }))
  const act = (action: string) => (store: StoreName, token: string) =>
    client.call<StorePurchase>('POST', `upstreams/${store}/purchases/${encodeURIComponent(token)}/${action}`)
  return {
    down: (store) => set(store, false),
    up: (store) => set(store, true),
    async reachable() {
      const stores = await client.call<Record<StoreName, { reachable: boolean }>>('GET', 'upstreams')
      return { google_play: stores.google_play.reachable, app_store: stores.app_store.reachable, samsung: stores.samsung.reachable }
    },
    renew: act('renew'),
    cancel: act('cancel'),
    refund: act('refund'),
    grace: act('grace'),
    expire: act('expire'),
    complete: act('complete'),
  }
}
