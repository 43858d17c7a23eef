import { z } from 'zod'
import { evidence } from '../../kernel/evidence.js'
import type { Route } from '../../contract.js'
import { apiRoute } from './api-route.js'
import type { ApiErrorCode } from './errors.js'
import { examples, found, headers, needs, needsToken, reference, signed } from './route-shapes.js'
import type { AppStoreTables } from './tables.js'
import { refused } from '../../kernel/outcome.js'

const page = { revision: z.string(), hasMore: z.boolean(), signedTransactions: z.array(signed) }
const app = { bundleId: z.string(), appAppleId: z.int().optional().describe('Not in the sandbox environment'), environment: z.string() }

const historyQuery = z.object({
  revision: z.string().optional(),
  startDate: z.string().optional().describe('Unix milliseconds'),
  endDate: z.string().optional().describe('Unix milliseconds'),
  productId: z.string().optional().describe('May be repeated'),
  productType: z.string().optional().describe('AUTO_RENEWABLE, NON_RENEWABLE, CONSUMABLE, NON_CONSUMABLE; may be repeated'),
  sort: z.string().optional().describe('ASCENDING (default) or DESCENDING, by the time of the last change'),
  subscriptionGroupIdentifier: z.string().optional().describe('May be repeated'),
  inAppOwnershipType: z.string().optional().describe('PURCHASED or FAMILY_SHARED'),
  revoked: z.string().optional().describe('true or false'),
})

const historyErrors: readonly ApiErrorCode[] = [
  4000005, 4000006, 4000015, 4000016, 4000021, 4000022, 4000023, 4000024, 4000026, 4000030, 4040010,
]

/** Calls of the App Store Server API that read. */
export const readingRoutes: readonly Route<AppStoreTables>[] = [
  apiRoute({
    method: 'GET',
    path: '/inApps/v1/transactions/{transactionId}',
    summary: 'A transaction, signed',
    evidence: evidence('documented', `${reference}, Get Transaction Info`, ['the order of checks is our choice']),
    request: { headers, examples, needs },
    outcomes: found,
    success: { status: 200, description: 'The transaction', schema: z.object({ signedTransactionInfo: signed }) },
    errors: [4000006, 4000048, 4040010],
    load: async () => (await import('./api/transactions.js')).transactionInfo,
  }),
  apiRoute({
    method: 'GET',
    path: '/inApps/v2/history/{transactionId}',
    summary: 'The transactions of a customer, 20 a page',
    evidence: evidence('documented', `${reference}, Get Transaction History`, [
      'a purchase without `customer` in its row has a history of its own',
      'an end date that is not after the start date gives an empty list',
    ]),
    request: { headers, query: historyQuery, examples, needs },
    outcomes: found,
    success: { status: 200, description: 'A page', schema: z.object({ ...app, ...page }) },
    errors: historyErrors,
    load: async () => (await import('./api/history.js')).history,
  }),
  apiRoute({
    method: 'GET',
    path: '/inApps/v1/history/{originalTransactionId}',
    summary: 'The transactions of a customer without finished consumables (deprecated)',
    evidence: evidence('documented', `${reference}, Get Transaction History V1`),
    request: { headers, query: historyQuery.extend({ excludeRevoked: z.string().optional().describe('true or false') }), examples, needs },
    outcomes: found,
    success: { status: 200, description: 'A page', schema: z.object({ ...app, ...page }) },
    errors: [...historyErrors, 4000025],
    load: async () => (await import('./api/history.js')).historyVersion1,
  }),
  apiRoute({
    method: 'GET',
    path: '/inApps/v1/subscriptions/{transactionId}',
    summary: 'The state of every subscription of a customer',
    evidence: evidence('documented', `${reference}, Get All Subscription Statuses`, [
      'a subscription that another purchase `replaces` is over from then on: status 2, expirationIntent 1 and the notification EXPIRED, VOLUNTARY',
      'of several states that could apply the first of revoked, active, grace, retry and expired counts',
    ]),
    request: { headers, query: z.object({ status: z.string().optional().describe('1 to 5; may be repeated') }), examples, needs },
    outcomes: found,
    success: {
      status: 200,
      description: 'The states by group',
      schema: z.object({
        ...app,
        data: z.array(
          z.object({
            subscriptionGroupIdentifier: z.string(),
            lastTransactions: z.array(
              z.object({
                originalTransactionId: z.string(),
                status: z.int().describe('1 active, 2 expired, 3 billing retry, 4 grace period, 5 revoked'),
                signedTransactionInfo: signed,
                signedRenewalInfo: signed,
              }),
            ),
          }),
        ),
      }),
    },
    errors: [4000006, 4000031, 4040010],
    load: async () => (await import('./api/subscriptions.js')).subscriptionStatuses,
  }),
  apiRoute({
    method: 'GET',
    path: '/inApps/v1/lookup/{orderId}',
    summary: 'The transactions of an order id',
    evidence: evidence('documented', `${reference}, Look Up Order ID`, [
      'not in the sandbox environment, where an empty body was seen; ours has status 404',
    ]),
    request: { headers, examples: { ...examples, orderId: 'MK5TTTVWJH' }, needs: needsToken },
    outcomes: { found: 200, 'unknown-order': refused(200), 'not-in-sandbox': 404 },
    success: {
      status: 200,
      description: 'Status 0 and the transactions, or status 1',
      schema: z.object({ status: z.int(), signedTransactions: z.array(signed) }),
    },
    errors: [4000000],
    load: async () => (await import('./api/orders.js')).lookUpOrder,
  }),
  apiRoute({
    method: 'GET',
    path: '/inApps/v2/refund/lookup/{transactionId}',
    summary: 'The refunded transactions of a customer, 20 a page',
    evidence: evidence('documented', `${reference}, Get Refund History`),
    request: { headers, query: z.object({ revision: z.string().optional() }), examples, needs },
    outcomes: found,
    success: { status: 200, description: 'A page', schema: z.object(page) },
    errors: [4000005, 4000006, 4040010],
    load: async () => (await import('./api/refunds.js')).refunds,
  }),
  apiRoute({
    method: 'GET',
    path: '/inApps/v1/refund/lookup/{originalTransactionId}',
    summary: 'At most 50 refunded transactions of a customer (deprecated)',
    evidence: evidence('documented', `${reference}, Get Refund History V1`),
    request: { headers, examples, needs },
    outcomes: found,
    success: { status: 200, description: 'The transactions', schema: z.object({ signedTransactions: z.array(signed) }) },
    errors: [4000008, 4040005],
    load: async () => (await import('./api/refunds.js')).refundsVersion1,
  }),
  apiRoute({
    method: 'GET',
    path: '/inApps/v1/transactions/appTransactions/{transactionId}',
    summary: 'The download of the app by a customer, signed',
    evidence: evidence('documented', `${reference}, Get App Transaction Info`, ['device verification holds random values']),
    request: { headers, examples, needs },
    outcomes: found,
    success: { status: 200, description: 'The app transaction', schema: z.object({ signedAppTransactionInfo: signed }) },
    errors: [4000006, 4040010],
    load: async () => (await import('./api/transactions.js')).appTransaction,
  }),
]
