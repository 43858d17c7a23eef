import { z } from 'zod'
import { evidence } from '../../kernel/evidence.js'
import type { Route } from '../../contract.js'
import { apiRoute } from './api-route.js'
import { examples, found, headers, needsToken, reference, signed } from './route-shapes.js'
import type { AppStoreTables } from './tables.js'

const attempted = z.object({
  signedPayload: signed,
  sendAttempts: z.array(z.object({ attemptDate: z.int(), sendAttemptResult: z.string() })),
})

/** Calls of the App Store Server API about notifications. */
export const notificationRoutes: readonly Route<AppStoreTables>[] = [
  apiRoute({
    method: 'POST',
    path: '/inApps/v1/notifications/test',
    summary: 'Send a TEST notification to the address of the environment',
    evidence: evidence('documented', `${reference}, Request a Test Notification`),
    request: {
      headers,
      examples: { authorization: examples.authorization },
      needs: `${needsToken} and a notificationUrl in app_store.apps`,
    },
    outcomes: { requested: 200 },
    success: { status: 200, description: 'Requested', schema: z.object({ testNotificationToken: z.string() }) },
    errors: [4040007],
    load: async () => (await import('./notifications/test-notification.js')).requestTest,
  }),
  apiRoute({
    method: 'GET',
    path: '/inApps/v1/notifications/test/{testNotificationToken}',
    summary: 'The attempts to send a TEST notification',
    evidence: evidence('documented', `${reference}, Get Test Notification Status`),
    request: {
      headers,
      examples: { ...examples, testNotificationToken: 'ce3af791-365e-4c60-841b-1674b43c1609_1656709421535' },
      needs: 'a TEST notification',
    },
    outcomes: found,
    success: { status: 200, description: 'The notification with its attempts', schema: attempted },
    errors: [4000020, 4040008],
    load: async () => (await import('./notifications/test-notification.js')).testStatus,
  }),
  apiRoute({
    method: 'POST',
    path: '/inApps/v1/notifications/history',
    summary: 'The notifications of the last 180 days, 20 a page',
    evidence: evidence('documented', `${reference}, Get Notification History`, [
      'the oldest come first; our choice',
      'attempts of a delivery that the sandbox has forgotten are not listed',
      'an onlyFailures that is not a boolean is a bad request; Apple names no code for it',
    ]),
    request: {
      headers,
      query: z.object({ paginationToken: z.string().optional() }),
      json: z.object({
        startDate: z.int(),
        endDate: z.int(),
        notificationType: z.string().optional(),
        notificationSubtype: z.string().optional(),
        transactionId: z.string().optional(),
        onlyFailures: z.boolean().optional(),
      }),
      example: { startDate: 1_767_225_600_000, endDate: 1_767_312_000_000 },
      examples: { authorization: examples.authorization },
      needs: needsToken,
    },
    outcomes: found,
    success: {
      status: 200,
      description: 'A page',
      schema: z.object({ notificationHistory: z.array(attempted), hasMore: z.boolean(), paginationToken: z.string().optional() }),
    },
    errors: [4000000, 4000006, 4000012, 4000013, 4000014, 4000015, 4000016, 4000018, 4000019, 4040010],
    load: async () => (await import('./notifications/history.js')).notificationHistory,
  }),
]
