import { isSubscription } from '../../../marketplace/marketplace.js'
import { gotValue } from '../../../kernel/expected-member.js'
import { refuse, type ApiHandler } from '../api-route.js'
import { environmentOfRow } from '../chains/chain.js'
import { openChain } from '../chains/open.js'
import { inTransaction, type TransactionScope } from '../chains/scope.js'
import { chainStatus, statusOf } from '../chains/state.js'
import { notify, sendVersion2 } from '../notifications/notify.js'
import { isStorefront, storefrontOf } from '../payloads/storefronts.js'
import type { App, Environment, MassExtension } from '../tables.js'
import { brokenRule, optional, readObject, type MemberRule } from './body.js'
import { extendChain, extensionRules, type ExtensionRequest } from './extend.js'

type MassRequest = ExtensionRequest & { productId: string; storefrontCountryCodes?: string[] }

/** Time after which a request counts as complete. Real ones take longer; ours is our choice. */
const workMs = 60_000

const rules: readonly MemberRule[] = [
  ...extensionRules,
  { name: 'productId', code: 4000023, expected: 'a product id', accepts: (value) => typeof value === 'string' && value !== '' },
  {
    name: 'storefrontCountryCodes',
    code: 4000027,
    expected: 'a list of country codes that is not empty',
    accepts: optional((value) => Array.isArray(value) && value.length > 0),
  },
  {
    name: 'storefrontCountryCodes',
    code: 4000028,
    expected: 'ISO 3166-1 alpha-3 codes such as USA',
    accepts: optional((value) => Array.isArray(value) && value.every((code) => typeof code === 'string' && isStorefront(code))),
  },
]

/** Handles `POST /inApps/v1/subscriptions/extend/mass`. */
export const massExtend: ApiHandler = async ({ call, app, environment }) => {
  const body = readObject(call.request, 4000009)
  if (!body.ok) return body.refusal
  const broken = brokenRule(body.value, rules)
  if (broken) return broken
  // The rules have checked the members.
  const request = body.value as unknown as MassRequest
  const { requestIdentifier, productId } = request
  const answer = { requestIdentifier }
  const result = await inTransaction(call, async (tx) => {
    const known = await earlierRequest(tx, { requestIdentifier, productId, bundleId: app.bundleId, environment })
    return known ? undefined : extendAll(tx, { app, environment, request })
  })
  if (!result) {
    const sentence = `Request ${requestIdentifier} for ${productId} was carried out before, so nothing changed.`
    return { outcome: 'repeated', sentence, body: answer }
  }
  const sentence = `Of the subscriptions to ${productId}, ${result.succeededCount} were extended and ${result.failedCount} could not be.`
  return { outcome: 'accepted', sentence, body: answer }
}

type RequestKey = Pick<MassExtension, 'requestIdentifier' | 'productId' | 'bundleId' | 'environment'>

/** Returns the request with an identifier; each app has its own in each environment. */
async function earlierRequest({ db }: TransactionScope, key: RequestKey): Promise<MassExtension | undefined> {
  const { requestIdentifier, productId, bundleId, environment } = key
  const own = await db.extensions.get(requestIdentifier, productId, bundleId, environment)
  if (own) return own
  // Earlier versions kept it under identifier and product alone.
  const kept = await db.extensions.get(requestIdentifier, productId)
  return kept?.bundleId === bundleId && kept.environment === environment ? kept : undefined
}

async function extendAll(
  tx: TransactionScope,
  { app, environment, request }: { app: App; environment: Environment; request: MassRequest },
): Promise<MassExtension> {
  const { productId, requestIdentifier, extendByDays, extendReasonCode, storefrontCountryCodes } = request
  let [succeededCount, failedCount] = [0, 0]
  for (const row of await tx.transaction.marketplace.list('app_store', { app: app.bundleId })) {
    if (row.productId !== productId || !isSubscription(row) || environmentOfRow(row) !== environment) continue
    const { storefront } = storefrontOf(row.countryCode ?? app.storefront ?? 'USA')
    if (storefrontCountryCodes && !storefrontCountryCodes.includes(storefront)) continue
    const chain = await openChain(tx, row, app)
    if (!chain || statusOf(chain, tx.now) !== chainStatus.active) continue
    const extended = await extendChain(tx, chain, request)
    if ('transaction' in extended) succeededCount += 1
    else {
      failedCount += 1
      await notify(tx, chain, { type: 'RENEWAL_EXTENSION', subtype: 'FAILURE' })
    }
  }
  const extension: MassExtension = {
    requestIdentifier,
    productId,
    bundleId: app.bundleId,
    environment,
    extendByDays,
    extendReasonCode,
    ...(storefrontCountryCodes && { storefrontCountryCodes }),
    completeDate: new Date(tx.now.getTime() + workMs).toISOString(),
    succeededCount,
    failedCount,
  }
  tx.db.extensions.put(extension)
  sendSummary(tx, app, extension)
  return extension
}

function sendSummary(tx: TransactionScope, app: App, extension: MassExtension): void {
  const { environment, bundleId, productId, requestIdentifier, storefrontCountryCodes, succeededCount, failedCount } = extension
  sendVersion2(
    tx,
    { app, environment },
    {
      notificationType: 'RENEWAL_EXTENSION',
      subtype: 'SUMMARY',
      summary: {
        environment,
        ...(environment === 'Production' && { appAppleId: app.appAppleId }),
        bundleId,
        productId,
        requestIdentifier,
        storefrontCountryCodes,
        succeededCount,
        failedCount,
      },
    },
  )
}

/** Handles `GET /inApps/v1/subscriptions/extend/mass/{productId}/{requestIdentifier}`. */
export const massExtendStatus: ApiHandler = async ({ call, app, environment }) => {
  const { productId = '', requestIdentifier = '' } = call.request.params
  const key = { requestIdentifier, productId, bundleId: app.bundleId, environment }
  const found = await inTransaction(call, (tx) => earlierRequest(tx, key))
  if (!found) {
    return refuse(4040009, `There is no request ${requestIdentifier} for ${productId} in app_store.extensions.`, [
      {
        pointer: '/path',
        got: gotValue(`${productId}/${requestIdentifier}`),
        expected: 'the product and the identifier of an earlier request',
      },
    ])
  }
  const complete = new Date(found.completeDate) <= call.now
  const { completeDate, succeededCount, failedCount } = found
  return {
    outcome: 'found',
    sentence: complete ? `Request ${requestIdentifier} is complete.` : `Request ${requestIdentifier} is complete at ${completeDate}.`,
    body: {
      requestIdentifier,
      complete,
      ...(complete && { completeDate: new Date(completeDate).getTime(), succeededCount, failedCount }),
    },
  }
}
