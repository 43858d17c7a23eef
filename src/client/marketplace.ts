import type { ControlClient } from './control-client.js'
import type { PurchaseAction } from '../marketplace/actions.js'
import type { StoreName, StorePurchase } from '../marketplace/marketplace.js'

/** The simulated stores: their reachability, and their side of a purchase. A token is a purchase token, a transaction id or a Samsung purchase id. */
export interface MarketplaceControl {
  /** Makes a store unreachable for the vendors. */
  down(store: StoreName): Promise<void>
  /** Makes it reachable again; what waited for it happens before this resolves. */
  up(store: StoreName): Promise<void>
  /** Reachability of each store. */
  reachable(): Promise<Record<StoreName, boolean>>
  /** Sells a purchase, or the same one again; `row` holds what the store knows of it. */
  purchase(store: StoreName, token: string, row?: SoldPurchase): Promise<StorePurchase>
  /** Starts the next period of a subscription. */
  renew(store: StoreName, token: string): Promise<StorePurchase>
  /** The user turns renewal off. */
  cancel(
    store: StoreName,
    token: string,
    body?: { reason?: 'user' | 'publisher' | 'marketplace'; cancelSurvey?: { reason: string; note?: string } },
  ): Promise<StorePurchase>
  /** The user turns renewal on again. */
  restart(store: StoreName, token: string): Promise<StorePurchase>
  /** The publisher pays back, all or a part. `reason` is the store's number, `share` is in percent. */
  refund(store: StoreName, token: string, body?: { reason?: number; quantity?: number; share?: number }): Promise<StorePurchase>
  /** The publisher pays back and ends the purchase now; a family member loses it. */
  revoke(store: StoreName, token: string, body?: { reason?: number }): Promise<StorePurchase>
  /** Payment fails, and the subscription goes on for a while. */
  grace(store: StoreName, token: string, body?: { until?: string }): Promise<StorePurchase>
  /** Payment fails, and the subscription does not go on: Google's account hold, Apple's billing retry. */
  hold(store: StoreName, token: string): Promise<StorePurchase>
  /** Payment succeeds after grace or hold. */
  recover(store: StoreName, token: string): Promise<StorePurchase>
  /** The user pauses a subscription of Google Play from the end of its period to a time. */
  pause(store: StoreName, token: string, body: { until: string }): Promise<StorePurchase>
  /** The user ends a pause. */
  resume(store: StoreName, token: string): Promise<StorePurchase>
  /** Ends the period now. */
  expire(store: StoreName, token: string, body?: { reason?: string }): Promise<StorePurchase>
  /** A pending purchase is paid. */
  complete(store: StoreName, token: string): Promise<StorePurchase>
  /** A pending purchase is given up. */
  abandon(store: StoreName, token: string): Promise<StorePurchase>
  /** The game confirms a purchase to its store. */
  acknowledge(store: StoreName, token: string, body?: { developerPayload?: string }): Promise<StorePurchase>
  /** The game uses a consumable up, so that it can be bought again. */
  consume(store: StoreName, token: string, body?: { developerPayload?: string }): Promise<StorePurchase>
  /** Any act by its name, with its body: also those that one store alone has, such as Apple's `refund-request`. */
  act(store: StoreName, token: string, action: PurchaseAction, body?: Readonly<Record<string, unknown>>): Promise<StorePurchase>
}

/** Row of a purchase that a store sells. */
export type SoldPurchase = Partial<Omit<StorePurchase, 'store' | 'token'>>

/** Returns the simulated stores over a control client. */
export function marketplaceOf(client: ControlClient): MarketplaceControl {
  const set = async (store: StoreName, reachable: boolean) => void (await client.call('PUT', `upstreams/${store}`, { reachable }))
  const act: MarketplaceControl['act'] = (store, token, action, body) =>
    client.call<StorePurchase>('POST', `upstreams/${store}/purchases/${encodeURIComponent(token)}/${action}`, body)
  const acting = (action: PurchaseAction) => (store: StoreName, token: string, body?: Readonly<Record<string, unknown>>) =>
    act(store, token, action, body)
  return {
    down: (store) => set(store, false),
    up: (store) => set(store, true),
    async reachable() {
      const stores = await client.call<Record<StoreName, { reachable: boolean }>>('GET', 'upstreams')
      return { google_play: stores.google_play.reachable, app_store: stores.app_store.reachable, samsung: stores.samsung.reachable }
    },
    act,
    purchase: acting('purchase'),
    renew: acting('renew'),
    cancel: acting('cancel'),
    restart: acting('restart'),
    refund: acting('refund'),
    revoke: acting('revoke'),
    grace: acting('grace'),
    hold: acting('hold'),
    recover: acting('recover'),
    pause: acting('pause'),
    resume: acting('resume'),
    expire: acting('expire'),
    complete: acting('complete'),
    abandon: acting('abandon'),
    acknowledge: acting('acknowledge'),
    consume: acting('consume'),
  }
}
