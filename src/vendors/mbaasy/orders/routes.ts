import type { Call, Route } from '../../../contract.js'
import { evidence } from '../../../kernel/evidence.js'
import type { Reply } from '../../../kernel/reply.js'
import type { JsonObject } from '../../../kernel/table.js'
import { mostAlike, smallTable } from '../../../kernel/expected-member.js'
import { show } from '../../../kernel/show.js'
import { expectedToken, familyOf, tokenOf, unauthenticated } from '../authentication.js'
import { signedOrderExample, tokenExample, tokenHeader } from '../examples.js'
import type { Keyring } from '../../../receipts/keyring.js'
import type { InvalidField } from '../invalid-field.js'
import { isMintable, isSignatureOfExample, orderSignatureError } from '../receipts/signature.js'
import { readLegacyOrder, readSignedOrder, type ReadOrder } from './upload.js'
import { recordOrder } from './orders.js'
import { inTransaction, type TransactionScope } from '../purchases/transaction-scope.js'
import { readBody } from '../read-body.js'
import { invalid, orderReply, unreadable } from '../replies.js'
import * as shapes from '../shapes.js'
import { unpublished, uploadOutcomes, uploadResponses } from '../upload-outcomes.js'
import type { AppFamily, PlayStoreApp, tables } from '../tables.js'

/** Form of an upload: its reader, and the field that has the package name. */
interface OrderForm {
  read(body: JsonObject, invalidFields: InvalidField[]): ReadOrder
  packageField: 'purchase_data' | 'package_name'
}

const responses = uploadResponses(shapes.purchaseOrder)

const gaps = [
  unpublished,
  'an unset value is null; the one published event leaves some out',
  'the store is the simulated one, not the Google Play Developer API',
]

const signedOrder: Route<typeof tables> = {
  method: 'POST',
  path: '/client/google_play/purchase_orders',
  summary: 'Upload a Google Play purchase with its signature',
  evidence: evidence('documented', 'vendor page, Uploading Google Play Receipts', gaps),
  request: { headers: tokenHeader, json: shapes.orderRequest, example: signedOrderExample, examples: tokenExample },
  outcomes: { ...uploadOutcomes, 'invalid-signature': 402 },
  responses,
  handle: (call) => upload(call, { read: readSignedOrder, packageField: 'purchase_data' }),
}

const legacyOrder: Route<typeof tables> = {
  method: 'POST',
  path: '/client/google_play/purchase_orders/legacy',
  summary: 'Upload a Google Play purchase of which no signature was kept',
  evidence: evidence('documented', 'vendor page, Uploading Legacy Google Play Receipts', [
    ...gaps,
    'no response is published: the same resource, and 402 where the store denies the token',
  ]),
  request: {
    headers: tokenHeader,
    json: shapes.legacyOrderRequest,
    examples: tokenExample,
    example: { package_name: 'com.example.app', purchase_token: 'a-purchase-token', product_id: 'premium.1month' },
  },
  outcomes: uploadOutcomes,
  responses,
  handle: (call) => upload(call, { read: readLegacyOrder, packageField: 'package_name' }),
}

export const orderRoutes = [signedOrder, legacyOrder]

/**
 * Handles an upload in one transaction, so that an app family that is deleted meanwhile gets no purchase. The token is checked before the
 * body, then all invalid fields are named at once.
 */
async function upload(call: Call<typeof tables>, { read, packageField }: OrderForm): Promise<Reply> {
  const invalidFields: InvalidField[] = []
  const body = readBody(call.request)
  const { packageName, upload: order }: ReadOrder = body.ok ? read(body.value, invalidFields) : {}
  const replied = await inTransaction(call, async (tx) => {
    const family = await familyOf(tx.db, tokenOf(call.request))
    const app = packageName === undefined ? undefined : await tx.db.playStoreApps.get(packageName)
    if (!family) {
      const expected = await expectedToken(tx.db, call.request, app?.appFamilyId)
      return () => unauthenticated(call, expected)
    }
    if (!body.ok) return () => unreadable(call, body.reason)
    if (packageName !== undefined && app?.appFamilyId !== family.id) {
      const unknown = await unknownApp(tx, { packageName, packageField }, { app, family, call })
      return () => invalid(call, [...invalidFields, unknown], order ? 'unknown-app' : 'invalid')
    }
    if (!order || !app) return () => invalid(call, invalidFields)
    const signatureError = orderSignatureError(call.keys, order, app)
    const mintable =
      signatureError === undefined ? undefined : await mintablePackage(tx, { keys: call.keys, family, like: app.packageName })
    const outcome = await recordOrder(tx, order, {
      app,
      requestId: call.id,
      peerAddress: call.request.address,
      isStoreReachable: call.reachable('google_play'),
      signatureError: signatureError?.reason,
    })
    return () =>
      orderReply(call, outcome, {
        upload: order,
        mintable,
        signedText: signatureError?.signedText,
        isSignatureOfExample: signatureError !== undefined && isSignatureOfExample(call.keys, order, app),
      })
  })
  return replied()
}

/** Returns the error of a package that is not registered for the token. Another family's package needs the token of that family. */
async function unknownApp(
  tx: TransactionScope,
  { packageName, packageField }: { packageName: string; packageField: OrderForm['packageField'] },
  { app, family, call }: { app: PlayStoreApp | undefined; family: AppFamily; call: Call<typeof tables> },
): Promise<InvalidField> {
  const error = { field: packageField, text: 'is not a registered package name' }
  const seen = `Package ${show(packageName)}`
  if (app) {
    const expected = await expectedToken(tx.db, call.request, app.appFamilyId)
    return { ...error, seen: `${seen} belongs to another app family than the token.`, ...expected }
  }
  const unknown = { ...error, seen: `${seen} is in no row of mbaasy.playStoreApps.`, got: packageName }
  const packages = (await appsOf(tx, family)).map((each) => each.packageName)
  const known = mostAlike(packageName, packages) ?? 'a package of mbaasy.playStoreApps'
  if (packageField === 'package_name') return { ...unknown, expected: known }
  const mintable = await mintablePackage(tx, { keys: call.keys, family, like: packageName })
  return {
    ...unknown,
    pointer: '/body/purchase_data/packageName',
    expected:
      mintable === undefined
        ? `${known}, signed with its own licence key, whose private half the sandbox does not have`
        : `${mintable} (mint it: coinslot mint google_play packageName=${mintable})`,
  }
}

async function appsOf({ db }: TransactionScope, family: AppFamily): Promise<PlayStoreApp[]> {
  return (await smallTable(db.playStoreApps)).filter((each) => each.appFamilyId === family.id)
}

/** Returns the package of a family that is most like another one and whose purchases the sandbox can sign; undefined if there is none. */
async function mintablePackage(
  tx: TransactionScope,
  { keys, family, like }: { keys: Keyring; family: AppFamily; like: string },
): Promise<string | undefined> {
  const apps = (await appsOf(tx, family)).filter((each) => isMintable(keys, each))
  return mostAlike(
    like,
    apps.map((each) => each.packageName),
  )
}
