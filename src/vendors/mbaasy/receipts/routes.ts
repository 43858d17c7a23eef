import type { Call, Route } from '../../../contract.js'
import { readJson } from '../../../kernel/body.js'
import { evidence } from '../../../kernel/evidence.js'
import type { Reply } from '../../../kernel/reply.js'
import type { Request } from '../../../kernel/request.js'
import type { AppStoreVerdict } from '../../../receipts/app-store/read.js'
import { formClause } from '../../../receipts/forms.js'
import { firstFailure } from '../../../receipts/verdict.js'
import { show } from '../../../kernel/show.js'
import { expectedToken, familyOf, tokenOf, unauthenticated } from '../authentication.js'
import { tokenExample, tokenHeader } from '../examples.js'
import type { InvalidField } from '../invalid-field.js'
import { receiptSignatureError, judgeReceipt } from './signature.js'
import { inTransaction, type TransactionScope } from '../purchases/transaction-scope.js'
import { readBody } from '../read-body.js'
import { readReceiptUpload } from './upload.js'
import { receiptReply } from './replies.js'
import { recordReceipt } from './receipts.js'
import { invalid, unreadable } from '../replies.js'
import * as shapes from '../shapes.js'
import { unpublished, uploadOutcomes, uploadResponses } from '../upload-outcomes.js'
import type { AppStoreApp, tables } from '../tables.js'

/** `POST /client/itunes_connect/receipts`: an App Store receipt of either style, with every purchase in it. */
export const receiptRoute: Route<typeof tables> = {
  method: 'POST',
  path: '/client/itunes_connect/receipts',
  summary: 'Upload an App Store receipt',
  evidence: evidence('documented', 'vendor page, Uploading App Store Receipts', [
    unpublished,
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
  outcomes: { ...uploadOutcomes, 'invalid-signature': 402 },
  responses: uploadResponses(shapes.receipt),
  handle: upload,
}

/**
 * Handles an upload in one transaction, so that an app family that is deleted meanwhile gets no purchase. The receipt is verified before
 * it; only an app with its own roots needs it verified again.
 */
async function upload(call: Call<typeof tables>): Promise<Reply> {
  const invalidFields: InvalidField[] = []
  const body = readBody(call.request)
  const received = body.ok ? readReceiptUpload(body.value, invalidFields) : undefined
  const verdict = received && judgeReceipt(call.keys, received.receipt)
  const replied = await inTransaction(call, async (tx) => {
    const family = await familyOf(tx.db, tokenOf(call.request))
    const bundleId = verdict?.claims?.bundleId
    const app = bundleId === undefined ? undefined : await tx.db.appStoreApps.get(bundleId)
    if (!family) {
      const expected = await expectedToken(tx.db, call.request, app?.appFamilyId)
      return () => unauthenticated(call, expected)
    }
    if (!body.ok) return () => unreadable(call, body.reason)
    if (!received || !verdict) return () => invalid(call, invalidFields)
    const { claims } = verdict
    if (claims === undefined || bundleId === undefined) {
      return () => invalid(call, [notReadable(received.receipt, verdict), ...invalidFields])
    }
    if (!app || app.appFamilyId !== family.id) {
      const unknown = await unknownApp(tx, received.receipt, { bundleId, app, request: call.request })
      return () => invalid(call, [unknown, ...invalidFields], invalidFields.length === 0 ? 'unknown-app' : 'invalid')
    }
    if (invalidFields.length > 0) return () => invalid(call, invalidFields)
    const outcome = await recordReceipt(tx, received, {
      app,
      claims,
      requestId: call.id,
      peerAddress: call.request.address,
      isStoreReachable: call.reachable('app_store'),
      signatureError: receiptSignatureError(app.roots ? judgeReceipt(call.keys, received.receipt, app) : verdict, app),
    })
    return () => receiptReply(call, outcome, received.receipt)
  })
  return replied()
}

function notReadable(receipt: string, { checks }: AppStoreVerdict): InvalidField {
  const reason = firstFailure(checks)?.detail ?? 'it names no bundle id'
  return {
    field: 'receipt',
    text: 'is not a valid receipt',
    seen: `The receipt cannot be read: ${reason}.${jsonAdvice(receipt)}`,
    got: receipt,
    expected: receiptForm,
  }
}

/** Names JSON that is sent in place of a receipt, unless the reason names its form. */
function jsonAdvice(receipt: string): string {
  const parsed = readJson(receipt)
  const isJson = parsed.ok && typeof parsed.value !== 'number'
  return isJson && formClause(receipt) === '' ? ' It is JSON; Mbaasy takes the Base64 alone.' : ''
}

/** Returns the error of a bundle id that is not registered for the token. Another family's app needs the token of that family. */
async function unknownApp(
  { db }: TransactionScope,
  receipt: string,
  { bundleId, app, request }: { bundleId: string; app: AppStoreApp | undefined; request: Request },
): Promise<InvalidField> {
  const error = { field: 'receipt', text: 'is not for a registered bundle id' }
  const seen = `Bundle id ${show(bundleId)}`
  if (app) {
    const expected = await expectedToken(db, request, app.appFamilyId)
    return { ...error, seen: `${seen} belongs to another app family than the token.`, ...expected }
  }
  return { ...error, seen: `${seen} is in no row of mbaasy.appStoreApps.`, got: receipt, expected: receiptForm }
}

const receiptForm = 'the Base64 of an app receipt of a bundle id in mbaasy.appStoreApps (mint one: coinslot mint app_store)'
