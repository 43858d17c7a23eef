import type { Vendor } from '../../contract.js'
import { apiDocuments } from '../../openapi/documents.js'
import type { ControlCall } from '../call.js'
import { clockCalls } from './clock.js'
import { deviceCalls } from './devices.js'
import { documentCalls } from './documents.js'
import { faultCalls } from './faults.js'
import { upstreamCalls } from './marketplace.js'
import { pageCalls } from './page.js'
import { purchaseCalls } from './purchases.js'
import { examplePurchaseCalls } from './receipts/example-purchase.js'
import { receiptFormCalls } from './receipts/forms.js'
import { inspectorCalls } from './inspector.js'
import { inspectCalls } from './receipts/inspect.js'
import { receiptCalls } from './receipts/mint.js'
import { replayCalls } from './replay.js'
import { tableCalls } from './rows.js'
import { seedCalls } from './seed.js'
import { sessionCalls } from './session.js'
import { snapshotCalls } from './snapshots.js'
import { statusCalls } from './status.js'
import { trafficCalls } from './traffic.js'
import { vendorOwnCalls } from './vendor-calls.js'
import { vendorCalls } from './vendors.js'
import { verifyCalls } from './verify.js'
import { webhookCalls } from './webhooks.js'
import { workspaceCalls } from './workspaces.js'

/** Every call of the control API of a sandbox with these vendors, in the order of the documents. */
export function controlCalls({ vendors, version }: { vendors: readonly Vendor[]; version: string }): readonly ControlCall[] {
  const calls: readonly ControlCall[] = [
    ...inspectorCalls,
    ...statusCalls,
    ...vendorCalls,
    ...examplePurchaseCalls,
    ...workspaceCalls,
    ...seedCalls,
    ...tableCalls,
    ...snapshotCalls,
    ...sessionCalls,
    ...clockCalls,
    ...webhookCalls,
    ...upstreamCalls,
    ...trafficCalls,
    ...verifyCalls,
    ...documentCalls(() => documents),
    ...faultCalls,
    ...replayCalls,
    ...purchaseCalls,
    ...deviceCalls,
    ...pageCalls,
    ...receiptCalls(vendors),
    ...receiptFormCalls,
    ...inspectCalls,
    ...vendorOwnCalls(vendors),
  ]
  const documents = apiDocuments({ vendors, calls, version })
  return calls
}
