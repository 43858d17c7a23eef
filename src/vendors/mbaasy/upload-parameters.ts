import { countries, type TCountryCode } from 'countries-list'
import { isIP } from 'node:net'
import { z } from 'zod'
import type { JsonObject } from '../../kernel/table.js'
import { object, string, type ParameterTable, type Values } from './parameters.js'

/** The parameters that any upload may carry. */
export const annotationParameters = {
  user_identifier: { ...string, clears: true, description: 'User id in the integrator’s database' },
  ip_address: {
    // Node takes a zone ("fe80::1%eth0"), which is the name of an interface of one machine and not a part of the address.
    schema: z.string().refine((value) => (isIP(value) !== 0 && !value.includes('%')) || value.toLowerCase() === 'null'),
    refusal: 'is not a valid IP address',
    takes: 'an IPv4 or IPv6 address',
    clears: true,
    description: 'IPv4 or IPv6; the peer address when omitted, none when null',
  },
  metadata: { ...object, clears: true, description: 'Anything to keep with the purchase' },
} satisfies ParameterTable

/** The parameters of a signed Google Play upload. */
export const orderParameters = {
  purchase_data: {
    ...string,
    mandatory: true,
    description: 'The exact INAPP_PURCHASE_DATA string',
    example: 'the exact INAPP_PURCHASE_DATA string (mint it: coinslot mint google_play)',
    aliases: ['data', 'dataAndroid', 'data_android', 'purchaseData', 'inappPurchaseData', 'INAPP_PURCHASE_DATA', 'json', 'receipt'],
  },
  purchase_signature: {
    ...string,
    mandatory: true,
    description: 'INAPP_DATA_SIGNATURE, Base64 as the device got it',
    example: 'the INAPP_DATA_SIGNATURE of purchase_data (mint it: coinslot mint google_play)',
    aliases: ['signature', 'signatureAndroid', 'signature_android', 'purchaseSignature', 'inappDataSignature', 'INAPP_DATA_SIGNATURE'],
  },
  ...annotationParameters,
} satisfies ParameterTable

/** The parameters of a Google Play upload of which no signature was kept. */
export const legacyOrderParameters = {
  package_name: { ...string, mandatory: true, aliases: ['packageName'] },
  purchase_token: { ...string, mandatory: true, aliases: ['purchaseToken', 'token'] },
  product_id: { ...string, mandatory: true, aliases: ['productId'] },
  order_id: string,
  ...annotationParameters,
} satisfies ParameterTable

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The parameters of an App Store upload. */
export const receiptParameters = {
  receipt: {
    ...string,
    mandatory: true,
    description: 'Base64 of a transaction or unified receipt',
    example: 'Base64 of a transaction or unified receipt (mint one: coinslot mint app_store)',
    aliases: ['receipt-data', 'receipt_data', 'receiptData', 'transactionReceipt', 'transaction_receipt', 'appStoreReceipt', 'Payload'],
  },
  country_code: {
    ...string,
    description: 'ISO 3166-1 alpha-2 of the user’s store',
    form: {
      fits: (value) => assignedCountry(value) !== undefined,
      refusal: 'is not a valid country code',
      takes: 'an ISO 3166-1 alpha-2 code such as DE',
    },
  },
  identifier_for_vendor: {
    ...string,
    form: { fits: (value) => uuidForm.test(value), refusal: 'is not a valid UUID', takes: 'a UUID' },
  },
  ...annotationParameters,
} satisfies ParameterTable

/** The stored form of what any upload may carry. A member is absent when the request did not carry it; null clears. */
export interface Annotations {
  userIdentifier?: string | null
  ipAddress?: string | null
  metadata?: JsonObject | null
}

/** Returns the stored form of the parameters that any upload may carry. */
export function annotationsOf({ user_identifier: user, ip_address: ip, metadata }: Values<typeof annotationParameters>): Annotations {
  return {
    ...(user === undefined ? {} : { userIdentifier: user }),
    ...(ip === undefined ? {} : { ipAddress: ip?.toLowerCase() === 'null' ? null : ip }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}

/** Returns the country with this code, in upper case; undefined if no country has it. */
export function assignedCountry(given: string): string | undefined {
  const code = given.toUpperCase()
  return isCountry(code) && !('userAssigned' in countries[code] && countries[code].userAssigned) ? code : undefined
}

/** Returns the currency of a country, in which the App Store bills there; null for an unknown country. */
export function currencyOf(countryCode: string): string | null {
  return isCountry(countryCode) ? (countries[countryCode].currency[0] ?? null) : null
}

function isCountry(code: string): code is TCountryCode {
  return Object.hasOwn(countries, code)
}
