import { z } from 'zod'

/** An error of the App Store Server API: the outcome it is here, and Apple's text. */
export interface ApiError {
  outcome: string
  text: string
}

const invalid = (what: string) => `Invalid request. The ${what} parameter is invalid.`
const invalidField = (what: string) => `Invalid request. The ${what} field is invalid.`

/**
 * Errors of the App Store Server API by code (Apple's reference, Error codes); the first three digits are the status. The texts of 4000183 and
 * 4000187 are our choice.
 */
export const apiErrors = {
  4000000: { outcome: 'bad-request', text: 'Bad request.' },
  4000002: { outcome: 'invalid-app-identifier', text: 'Invalid request app identifier.' },
  4000005: { outcome: 'invalid-revision', text: 'Invalid request revision.' },
  4000006: { outcome: 'invalid-transaction-id', text: 'Invalid transaction id.' },
  4000008: { outcome: 'invalid-original-transaction-id', text: 'Invalid original transaction id.' },
  4000009: { outcome: 'invalid-extend-by-days', text: 'Invalid extend by days value.' },
  4000010: { outcome: 'invalid-extend-reason-code', text: 'Invalid extend reason code.' },
  4000011: { outcome: 'invalid-request-identifier', text: 'Invalid request identifier.' },
  4000012: { outcome: 'start-date-too-early', text: 'Invalid request. The start date is earlier than the allowed start date.' },
  4000013: {
    outcome: 'start-date-after-end-date',
    text: 'Invalid request. The end date precedes the start date or the dates are the same.',
  },
  4000014: { outcome: 'invalid-pagination-token', text: 'Invalid request. The pagination token is invalid.' },
  4000015: {
    outcome: 'invalid-start-date',
    text: 'Invalid request. The start date is not a timestamp value represented in milliseconds.',
  },
  4000016: { outcome: 'invalid-end-date', text: 'Invalid request. The end date is not a timestamp value represented in milliseconds.' },
  4000017: { outcome: 'pagination-token-expired', text: 'Invalid request. The pagination token is expired.' },
  4000018: { outcome: 'invalid-notification-type', text: 'Invalid request. The notification type or subtype is invalid.' },
  4000019: {
    outcome: 'multiple-filters',
    text: 'Invalid request. Supply either a transaction id or a notification type, but not both.',
  },
  4000020: { outcome: 'invalid-test-notification-token', text: 'Invalid request. The test notification token is invalid.' },
  4000021: { outcome: 'invalid-sort', text: invalid('sort') },
  4000022: { outcome: 'invalid-product-type', text: invalid('product type') },
  4000023: { outcome: 'invalid-product-id', text: invalid('product id') },
  4000024: { outcome: 'invalid-subscription-group', text: invalid('subscription group identifier') },
  4000025: { outcome: 'invalid-exclude-revoked', text: invalid('exclude revoked') },
  4000026: { outcome: 'invalid-ownership-type', text: invalid('in-app ownership type') },
  4000027: {
    outcome: 'empty-storefronts',
    text: 'Invalid request. If provided, the list of storefront country codes must not be empty.',
  },
  4000028: { outcome: 'invalid-storefront', text: 'Invalid request. A storefront country code was invalid.' },
  4000030: { outcome: 'invalid-revoked', text: invalid('revoked') },
  4000031: { outcome: 'invalid-status', text: invalid('status') },
  4000032: { outcome: 'invalid-account-tenure', text: invalidField('account tenure') },
  4000033: {
    outcome: 'invalid-app-account-token',
    text: 'Invalid request. The app account token field must contain a valid UUID or an empty string.',
  },
  4000034: { outcome: 'invalid-consumption-status', text: invalidField('consumption status') },
  4000035: {
    outcome: 'customer-not-consented',
    text: 'Invalid request. The customer consented field is required and must indicate the customer consented.',
  },
  4000036: { outcome: 'invalid-delivery-status', text: invalidField('delivery status') },
  4000037: { outcome: 'invalid-dollars-purchased', text: invalidField('lifetime dollars purchased') },
  4000038: { outcome: 'invalid-dollars-refunded', text: invalidField('lifetime dollars refunded') },
  4000039: { outcome: 'invalid-platform', text: invalidField('platform') },
  4000040: { outcome: 'invalid-play-time', text: invalidField('playtime') },
  4000041: { outcome: 'invalid-sample-content', text: invalidField('sample content provided') },
  4000042: { outcome: 'invalid-user-status', text: invalidField('user status') },
  4000044: { outcome: 'invalid-refund-preference', text: invalidField('refund preference') },
  4000047: {
    outcome: 'unsupported-purchase-type',
    text: "Invalid request. The transaction id doesn't represent a supported in-app purchase type.",
  },
  4000048: { outcome: 'app-transaction-id', text: "Invalid request. App transactions aren't supported by this endpoint." },
  4000183: { outcome: 'not-a-uuid', text: 'Invalid request. The app account token field must be a valid UUID.' },
  4000185: { outcome: 'family-shared', text: "Invalid request. Family Sharing transactions aren't supported by this endpoint." },
  4000187: { outcome: 'not-original', text: 'Invalid request. The transaction id is not an original transaction id.' },
  4030004: { outcome: 'extension-ineligible', text: 'Forbidden - subscription state ineligible for extension.' },
  4030005: { outcome: 'extension-limit', text: 'Forbidden - subscription has reached maximum extension count.' },
  4030007: {
    outcome: 'extension-family-shared',
    text: "Subscriptions that users obtain through Family Sharing can't get a renewal date extension directly.",
  },
  4040001: { outcome: 'account-not-found', text: 'Account not found.' },
  4040002: { outcome: 'account-not-found-retryable', text: 'Account not found. Please try again.' },
  4040003: { outcome: 'app-not-found', text: 'App not found.' },
  4040004: { outcome: 'app-not-found-retryable', text: 'App not found. Please try again.' },
  4040005: { outcome: 'original-transaction-not-found', text: 'Original transaction id not found.' },
  4040006: { outcome: 'original-transaction-not-found-retryable', text: 'Original transaction id not found. Please try again.' },
  4040007: {
    outcome: 'no-notification-url',
    text: 'No App Store Server Notification URL found for provided app. Check that a URL is configured in App Store Connect for this environment.',
  },
  4040008: {
    outcome: 'test-notification-not-found',
    text: 'Either the test notification token is expired or the notification and status are not yet available.',
  },
  4040009: {
    outcome: 'extension-request-not-found',
    text: "The server didn't find a subscription-renewal-date extension request for this requestIdentifier and productId combination.",
  },
  4040010: { outcome: 'transaction-not-found', text: 'Transaction id not found.' },
  4040019: { outcome: 'app-transaction-not-found', text: 'No AppTransaction exists for the customer.' },
  4290000: { outcome: 'rate-limited', text: 'Rate limit exceeded.' },
  5000000: { outcome: 'unknown-error', text: 'An unknown error occurred.' },
  5000001: { outcome: 'store-unreachable', text: 'An unknown error occurred. Please try again.' },
} as const satisfies Readonly<Record<number, ApiError>>

/** Body of every error but the refusal of a token. */
export const apiErrorBody = z.object({ errorCode: z.int(), errorMessage: z.string() })

/** Code of an error of the App Store Server API. */
export type ApiErrorCode = keyof typeof apiErrors

/** Status of an error code. */
export function statusOfCode(code: ApiErrorCode): number {
  return Math.floor(code / 10_000)
}
