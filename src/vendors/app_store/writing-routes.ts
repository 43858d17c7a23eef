import { z } from 'zod'
import { evidence } from '../../kernel/evidence.js'
import type { Route } from '../../contract.js'
import { apiRoute } from './api-route.js'
import { examples, found, headers, needs, needsToken, reference } from './route-shapes.js'
import type { AppStoreTables } from './tables.js'
import { repeated } from '../../kernel/outcome.js'

const extensionBody = {
  extendByDays: z.int().describe('1 to 90'),
  extendReasonCode: z.int().describe('0 undeclared, 1 customer satisfaction, 2 other, 3 outage'),
  requestIdentifier: z.string().describe('At most 128 characters'),
}

/** Calls of the App Store Server API that change something. */
export const writingRoutes: readonly Route<AppStoreTables>[] = [
  apiRoute({
    method: 'PUT',
    path: '/inApps/v1/subscriptions/extend/{originalTransactionId}',
    summary: 'Extend the running period of a subscription',
    evidence: evidence('documented', `${reference}, Extend a Subscription Renewal Date`, [
      'a repeated requestIdentifier has the answer of the first request; our choice',
    ]),
    request: {
      headers,
      json: z.object(extensionBody),
      example: { extendByDays: 7, extendReasonCode: 3, requestIdentifier: 'outage-1' },
      examples,
      needs,
    },
    outcomes: { extended: 200, repeated: repeated(200) },
    success: {
      status: 200,
      description: 'Extended',
      schema: z.object({
        originalTransactionId: z.string(),
        webOrderLineItemId: z.string(),
        success: z.boolean(),
        effectiveDate: z.int().describe('The new end, Unix milliseconds'),
      }),
    },
    errors: [4000008, 4000009, 4000010, 4000011, 4030004, 4030005, 4030007, 4040005],
    load: async () => (await import('./api/extend.js')).extend,
  }),
  apiRoute({
    method: 'POST',
    path: '/inApps/v1/subscriptions/extend/mass',
    summary: 'Extend the running period of every subscription to a product',
    evidence: evidence('documented', `${reference}, Extend Subscription Renewal Dates for All Active Subscribers`, [
      'the work is done at once; its status is complete one minute of the clock later',
    ]),
    request: {
      headers,
      json: z.object({ ...extensionBody, productId: z.string(), storefrontCountryCodes: z.array(z.string()).optional() }),
      example: { productId: 'club.monthly', extendByDays: 7, extendReasonCode: 3, requestIdentifier: 'outage-1' },
      examples: { authorization: examples.authorization },
      needs: needsToken,
    },
    outcomes: { accepted: 200, repeated: repeated(200) },
    success: { status: 200, description: 'Accepted', schema: z.object({ requestIdentifier: z.string() }) },
    errors: [4000009, 4000010, 4000011, 4000023, 4000027, 4000028],
    load: async () => (await import('./api/mass-extend.js')).massExtend,
  }),
  apiRoute({
    method: 'GET',
    path: '/inApps/v1/subscriptions/extend/mass/{productId}/{requestIdentifier}',
    summary: 'The state of such a request',
    evidence: evidence('documented', `${reference}, Get Status of Subscription Renewal Date Extensions`),
    request: { headers, examples: { ...examples, productId: 'club.monthly', requestIdentifier: 'outage-1' }, needs: needsToken },
    outcomes: found,
    success: {
      status: 200,
      description: 'The state',
      schema: z.object({
        requestIdentifier: z.string(),
        complete: z.boolean(),
        completeDate: z.int().optional(),
        succeededCount: z.int().optional(),
        failedCount: z.int().optional(),
      }),
    },
    errors: [4040009],
    load: async () => (await import('./api/mass-extend.js')).massExtendStatus,
  }),
  apiRoute({
    method: 'PUT',
    path: '/inApps/v2/transactions/consumption/{transactionId}',
    summary: 'Tell how a refunded purchase was used',
    evidence: evidence('documented', `${reference}, Send Consumption Information`, [
      'accepted at any time, with a warning 12 hours after the last CONSUMPTION_REQUEST',
      'the action refund or refund-decline decides, not the information',
    ]),
    request: {
      headers,
      json: z.object({
        customerConsented: z.boolean(),
        deliveryStatus: z.string(),
        sampleContentProvided: z.boolean(),
        consumptionPercentage: z.int().optional().describe('Thousandths of a percent, 0 to 100000'),
        refundPreference: z.string().optional().describe('DECLINE, GRANT_FULL, GRANT_PRORATED'),
      }),
      example: { customerConsented: true, deliveryStatus: 'DELIVERED', sampleContentProvided: false },
      examples,
      needs,
    },
    outcomes: { accepted: 202 },
    success: { status: 202, description: 'Accepted; empty' },
    errors: [4000006, 4000034, 4000035, 4000036, 4000041, 4000044, 4040010],
    load: async () => (await import('./api/consumption.js')).consumption,
  }),
  apiRoute({
    method: 'PUT',
    path: '/inApps/v1/transactions/consumption/{transactionId}',
    summary: 'Tell how a refunded purchase was used, version 1 (deprecated)',
    evidence: evidence('documented', `${reference}, Send Consumption Information V1`),
    request: {
      headers,
      json: z.object({
        customerConsented: z.boolean(),
        accountTenure: z.int().describe('0 to 7'),
        appAccountToken: z.string().describe('UUID, or empty'),
        consumptionStatus: z.int().describe('0 to 3'),
        deliveryStatus: z.int().describe('0 to 5'),
        lifetimeDollarsPurchased: z.int().describe('0 to 7'),
        lifetimeDollarsRefunded: z.int().describe('0 to 7'),
        platform: z.int().describe('0 to 2'),
        playTime: z.int().describe('0 to 7'),
        sampleContentProvided: z.boolean(),
        userStatus: z.int().describe('0 to 4'),
        refundPreference: z.int().optional().describe('0 to 3'),
      }),
      example: {
        customerConsented: true,
        accountTenure: 0,
        appAccountToken: '',
        consumptionStatus: 0,
        deliveryStatus: 0,
        lifetimeDollarsPurchased: 0,
        lifetimeDollarsRefunded: 0,
        platform: 1,
        playTime: 0,
        sampleContentProvided: false,
        userStatus: 0,
      },
      examples,
      needs,
    },
    outcomes: { accepted: 202 },
    success: { status: 202, description: 'Accepted; empty' },
    errors: [
      4000006, 4000032, 4000033, 4000034, 4000035, 4000036, 4000037, 4000038, 4000039, 4000040, 4000041, 4000042, 4000044, 4000047, 4040010,
    ],
    load: async () => (await import('./api/consumption.js')).consumptionVersion1,
  }),
  apiRoute({
    method: 'PUT',
    path: '/inApps/v1/transactions/{originalTransactionId}/appAccountToken',
    summary: 'Set the account token of a purchase',
    evidence: evidence('documented', `${reference}, Set App Account Token`, ['the texts of 4000183 and 4000187 are our choice']),
    request: {
      headers,
      json: z.object({ appAccountToken: z.string().describe('UUID') }),
      example: { appAccountToken: '7e3fb204-2e1c-4dd8-9a4d-3a9b0d3d5f10' },
      examples,
      needs,
    },
    outcomes: { set: 200 },
    success: { status: 200, description: 'Set; empty' },
    errors: [4000006, 4000048, 4000183, 4000185, 4000187, 4040005],
    load: async () => (await import('./api/transactions.js')).setAccountToken,
  }),
  apiRoute({
    method: 'POST',
    path: '/inApps/v1/transactions/{transactionId}/finish',
    summary: 'Finish a transaction',
    evidence: evidence('documented', `${reference} 1.20, Finish Transaction`),
    request: { headers, examples, needs },
    outcomes: { finished: 200 },
    success: { status: 200, description: 'Finished; empty' },
    errors: [4000006, 4040010],
    load: async () => (await import('./api/transactions.js')).finish,
  }),
]
