import { countries, type TCountryCode } from 'countries-list'
import type { JsonObject } from '../../kernel/table.js'
import { optionalText, readAnnotations, requiredText, show, type Annotations, type FieldFault } from './faults.js'

/** An App Store receipt as an app uploaded it, not yet looked into. */
export interface ReceiptUpload {
  receipt: string
  countryCode?: string
  annotations: Annotations
}

/** Reads the body of an App Store upload, noting every fault; undefined when there is one. */
export function readReceiptUpload(body: JsonObject, faults: FieldFault[]): ReceiptUpload | undefined {
  const receipt = requiredText(body, 'receipt', faults, namesElsewhere)
  const countryCode = readCountry(body, faults)
  const device = optionalText(body, 'identifier_for_vendor', faults)
  if (device !== undefined && !uuidForm.test(device)) {
    faults.push({
      field: 'identifier_for_vendor',
      text: 'is not a valid UUID',
      seen: `identifier_for_vendor is ${show(device)}; it takes a UUID.`,
    })
  }
  const annotations = readAnnotations(body, faults)
  if (receipt === undefined || faults.length > 0) return undefined
  return { receipt, annotations, ...(countryCode === undefined ? {} : { countryCode }) }
}

/** Names that other services and libraries have for `receipt`. */
const namesElsewhere = ['receipt-data', 'receipt_data', 'receiptData', 'transaction_receipt', 'transactionReceipt', 'appStoreReceipt']

/** The currency of a country, as the App Store bills there; null where there is no one currency to name. */
export function currencyOf(countryCode: string): string | null {
  return isCountry(countryCode) ? (countries[countryCode].currency[0] ?? null) : null
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function readCountry(body: JsonObject, faults: FieldFault[]): string | undefined {
  const given = optionalText(body, 'country_code', faults)
  if (given === undefined) return undefined
  const code = given.toUpperCase()
  if (isCountry(code) && !('userAssigned' in countries[code] && countries[code].userAssigned)) return code
  faults.push({
    field: 'country_code',
    text: 'is not a valid country code',
    seen: `country_code is ${show(given)}; it takes an ISO 3166-1 alpha-2 code such as DE.`,
  })
  return undefined
}

function isCountry(code: string): code is TCountryCode {
  return Object.hasOwn(countries, code)
}
