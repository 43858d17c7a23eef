import type { Route } from '../../contract.js'
import { readJsonObject } from '../../kernel/body.js'
import { evidence } from '../../kernel/evidence.js'
import { firstFailure } from '../../receipts/verdict.js'
import { familyOf, tokenOf, unauthenticated } from './authentication.js'
import { tokenExample, tokenHeader } from './examples.js'
import { show, type FieldFault } from './faults.js'
import { forgeryIn, judgeReceipt } from './forgery.js'
import { inLedger } from './queue.js'
import { readReceiptUpload } from './receipt-upload.js'
import { receiptReply } from './receipt-replies.js'
import { recordReceipt } from './receipts.js'
import { invalid, unreadable } from './replies.js'
import * as shapes from './shapes.js'
import type { AppStoreApp, tables } from './tables.js'

/** `POST /client/itunes_connect/receipts`: an App Store receipt of either style, with every purchase in it. */
export const receiptRoute: Route<typeof tables> = {
  method: 'POST',
  path: '/client/itunes_connect/receipts',
  summary: 'Upload an App Store receipt',
  evidence: evidence('documented', 'vendor page, Uploading App Store Receipts', [
    'error bodies, fraud reasons, re-upload rules and what follows a 206 are published nowhere: our choice',
    'receipts of Xcode are 402 unless the app allows them',
    'Base64 without padding and bytes behind a unified receipt are taken, ProductionVPP counts as the sandbox and a unified receipt without a receipt type as production: inferred from the vendor’s own decoder',
    'the store is the simulated one, not Apple’s verifyReceipt; dates of certificates are ignored',
  ]),
  request: {
    headers: tokenHeader,
    json: shapes.receiptRequest,
    example: { receipt: 'MIIT…', country_code: 'DE', user_identifier: '42', ip_address: null },
    examples: tokenExample,
    needs: 'A signed receipt: the command "coinslot mint app_store --as curl" prints the whole line.',
  },
  outcomes: {
    recorded: 200,
    repeated: 200,
    updated: 200,
    pending: 200,
    queued: 206,
    unauthenticated: 401,
    'invalid-signature': 402,
    'purchase-not-found': 402,
    'purchase-mismatch': 402,
    unreadable: 422,
    invalid: 422,
    'unknown-app': 422,
  },
  responses: {
    200: { description: 'Confirmed by the store in the same call', schema: shapes.receipt },
    206: { description: 'The store is not reachable; validated later', schema: shapes.receipt },
    401: { description: 'The access token is missing, malformed or invalid', schema: shapes.errors },
    402: { description: 'Suspected fraud', schema: shapes.receipt },
    422: { description: 'The payload is invalid', schema: shapes.errors },
  },
  async handle(call) {
    const family = await call.transact((db) => familyOf(db, tokenOf(call.request)))
    if (!family) return unauthenticated(call)
    const body = readJsonObject(call.request.body)
    if (!body.ok) return unreadable(call, body.reason)
    const faults: FieldFault[] = []
    const upload = readReceiptUpload(body.value, faults)
    if (!upload) return invalid(call, faults)
    const verdict = judgeReceipt(call.keys, upload.receipt)
    const { claims } = verdict
    if (claims?.bundleId === undefined) return invalid(call, [notReadable(firstFailure(verdict.checks)?.detail ?? 'it names no bundle id')])
    const { bundleId } = claims
    const app = await call.transact((db) => db.appStoreApps.get(bundleId))
    if (!app || app.appFamilyId !== family.id) return invalid(call, [unknownApp(bundleId, app)], 'unknown-app')
    const context = {
      app,
      claims,
      requestId: call.id,
      peerAddress: call.request.address,
      isStoreReachable: call.reachable('app_store'),
      forgery: forgeryIn(app.roots ? judgeReceipt(call.keys, upload.receipt, app) : verdict, app),
    }
    return receiptReply(call, await inLedger(call, (ledger) => recordReceipt(ledger, upload, context)))
  },
}

function notReadable(reason: string): FieldFault {
  return { field: 'receipt', text: 'is not a valid receipt', seen: `The receipt cannot be read: ${reason}.` }
}

function unknownApp(bundleId: string, app: AppStoreApp | undefined): FieldFault {
  const where = app ? 'belongs to another app family than the token' : 'is in no row of mbaasy.appStoreApps'
  return { field: 'receipt', text: 'is not for a registered bundle id', seen: `Bundle id ${show(bundleId)} ${where}.` }
}
