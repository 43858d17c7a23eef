import { caCalls } from './ca.js'
import type { ControlCall } from '../call.js'
import { clockCalls } from './clock.js'
import { coverageCalls } from './coverage.js'
import { deviceCalls } from './devices.js'
import { docsCalls } from './docs.js'
import { faultCalls } from './faults.js'
import { healthCalls } from './health.js'
import { layerCalls } from './unsealed.js'
import { metricsCalls } from './metrics.js'
import { openapiCalls } from './openapi.js'
import { inspectCalls } from './receipts/inspect.js'
import { receiptFormCalls } from './receipts/forms.js'
import { receiptCalls } from './receipts/mint.js'
import { reportCalls } from './report.js'
import { pageCalls } from './page.js'
import { purchaseCalls } from './purchases.js'
import { replayCalls } from './replay.js'
import { seedCalls } from './seed.js'
import { snapshotCalls } from './snapshots.js'
import { tableCalls } from './rows.js'
import { trafficCalls } from './traffic.js'
import { upstreamCalls } from './marketplace.js'
import { vendorCalls } from './vendors.js'
import { verifyCalls } from './verify.js'
import { webhookCalls } from './webhooks.js'
import { workspaceCalls } from './workspaces.js'

/** Every call of the control API, in the order of the documents. */
export const controlCalls: readonly ControlCall[] = [
  ...healthCalls,
  ...caCalls,
  ...vendorCalls,
  ...workspaceCalls,
  ...seedCalls,
  ...tableCalls,
  ...snapshotCalls,
  ...clockCalls,
  ...webhookCalls,
  ...upstreamCalls,
  ...trafficCalls,
  ...verifyCalls,
  ...coverageCalls,
  ...reportCalls,
  ...metricsCalls,
  ...openapiCalls,
  ...docsCalls,
  ...faultCalls,
  ...replayCalls,
  ...layerCalls,
  ...purchaseCalls,
  ...deviceCalls,
  ...pageCalls,
  ...receiptCalls,
  ...receiptFormCalls,
  ...inspectCalls,
]
