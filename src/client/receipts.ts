import type { z } from 'zod'
import type { inspection } from '../control/calls/receipts/inspect.js'
import type { mintedAppStore, mintedGooglePlay, mintedSamsung, samsungRequest } from '../control/calls/receipts/mint.js'
import type { appStoreRequest } from '../receipts/app-store/mint-request.js'
import type { mintInput } from '../receipts/google-play.js'
import type { ControlClient } from './control-client.js'

/** Ways to forge a minted receipt: one changed bit of the signature, changed data, or a key that is not trusted. */
export type Tamper = 'signature' | 'data' | 'key'

/** Mints receipts that a sandbox accepts like real ones, and inspects any receipt. */
export interface Receipts {
  /** A signed Google Play purchase; any INAPP_PURCHASE_DATA field may be given. */
  googlePlay(purchase: z.input<typeof mintInput>): Promise<GooglePlayReceipt>
  /** An App Store receipt, by default of the unified style. */
  appStore(receipt: z.input<typeof appStoreRequest>): Promise<AppStoreReceipt>
  /** A Samsung purchase, known to the simulated store. */
  samsung(purchase?: z.input<typeof samsungRequest>): Promise<SamsungReceipt>
  /** The form that a console sends to buy. */
  ouya(purchase: {
    package: string
    identifier: string
    username: string
    uuid?: string
    plain?: boolean
  }): Promise<{ form: string; uuid: string }>
  /** Decrypts a reply of OUYA, as console and game do. */
  openOuya(reply: { username: string; package: string; body: unknown }): Promise<unknown>
  inspect(receipt: unknown): Promise<Inspection>
}

export type GooglePlayReceipt = z.infer<typeof mintedGooglePlay>
export type AppStoreReceipt = z.infer<typeof mintedAppStore>
export type SamsungReceipt = z.infer<typeof mintedSamsung>

/**
 * Claims and checks of a receipt, and the reply of each vendor to exactly what was presented. `unwrapped` is the reply to the receipt
 * inside, if it differs.
 */
export type Inspection = z.infer<typeof inspection>

/** Receipts over a control client. */
export function receiptsOf(client: ControlClient): Receipts {
  return {
    googlePlay: (purchase) => client.call('POST', 'receipts/google_play', purchase),
    appStore: (receipt) => client.call('POST', 'receipts/app_store', receipt),
    samsung: (purchase = {}) => client.call('POST', 'receipts/samsung', purchase),
    ouya: (purchase) => client.call('POST', 'receipts/ouya', purchase),
    openOuya: (reply) => client.call('POST', 'receipts/ouya/open', reply),
    inspect: (receipt) => client.call('POST', 'receipts/inspect', { receipt }),
  }
}
