import type { z } from 'zod'
import type { movedShape } from '../../control/calls/clock.js'
import type { devicesShape } from '../../control/calls/devices.js'
import type { describeVendor } from '../../control/calls/vendors.js'
import type { deliveryShape } from '../../control/calls/webhooks.js'
import type { mark, related, sandboxState } from '../../control/calls/inspector.js'
import type { listedPurchase, StoreToken } from '../../control/calls/purchases.js'
import type { workspaceShape } from '../../control/calls/workspaces.js'
import type { describeFault } from '../../faults/rows.js'
import type { briefEntry } from '../../traffic/matching/brief.js'
import type { TrafficEntry } from '../../traffic/entry.js'
import type { outcomeCounts } from '../../traffic/outcome-counts.js'
import type { ShownBody } from '../../traffic/parsed-body.js'
import type { Unsealed, UnsealedLayer } from '../../contract.js'
import type { PurchaseRow, Tone } from '../purchase-rows.js'
import type { StoryEvent } from '../purchase-story.js'

export type { PurchaseRow, ShownBody, StoreToken, StoryEvent, Tone, Unsealed, UnsealedLayer as Layer }

/** One line of the list of requests. */
export type BriefEntry = z.infer<typeof briefEntry>

/** One request with all that is known of it. */
export type Entry = Omit<TrafficEntry, 'body' | 'replyBody'> & {
  body: ShownBody
  replyBody: ShownBody
  /** Set if this is the copy of a pinned request that the sandbox no longer keeps. */
  copiedAt?: string
}

/** Departures of a workspace from the ordinary, and its latest changes. */
export type SandboxState = z.infer<typeof sandboxState>

/** Purchases, webhooks and findings of one request. */
export type Related = z.infer<typeof related>

/** One finding of the client report. */
export type ReportMark = z.infer<typeof mark>

/** A purchase in the list of purchases. */
export type ListedPurchase = z.infer<typeof listedPurchase>
export type { PurchaseList } from '../../control/calls/purchases.js'

/** Headers or query parameters. */
export type Fields = Entry['headers']

/** Number of requests per outcome. */
export type OutcomeCounts = z.infer<typeof outcomeCounts>

/** Manifest of a vendor. */
export type Vendor = ReturnType<typeof describeVendor>

/** A fault with what it did so far. */
export type Fault = ReturnType<typeof describeFault>

/** An outgoing call of a vendor, sent or still waiting. */
export type Delivery = z.infer<typeof deliveryShape>

/** A workspace with its claims. */
export type Workspace = z.infer<typeof workspaceShape>

/** Settings for connecting a device. */
export type Devices = z.infer<typeof devicesShape>

/** The clock after a move, with what fell due. */
export type ClockMove = z.infer<typeof movedShape>

/** A row of any table. */
export interface KeyedRow {
  key: string
  row: Record<string, unknown>
}
