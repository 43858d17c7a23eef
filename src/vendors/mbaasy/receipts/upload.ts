import type { JsonObject } from '../../../kernel/table.js'
import type { InvalidField } from '../invalid-field.js'
import { readParameters } from '../parameters.js'
import { annotationsOf, assignedCountry, receiptParameters, type Annotations } from '../upload-parameters.js'

/** An App Store receipt as an app uploaded it, not yet verified. */
export interface ReceiptUpload {
  receipt: string
  annotations: ReceiptAnnotations
}

/** Attributes that an upload gives the purchases of its receipt; a member is absent when the request did not carry it. */
export interface ReceiptAnnotations extends Annotations {
  countryCode?: string
}

/** Reads the body of an App Store upload; entries in `invalidFields` if it is invalid. Undefined if it has no receipt that could be judged. */
export function readReceiptUpload(body: JsonObject, invalidFields: InvalidField[]): ReceiptUpload | undefined {
  const values = readParameters(body, receiptParameters, invalidFields)
  if (values.receipt == null) return undefined
  const countryCode = values.country_code == null ? undefined : assignedCountry(values.country_code)
  return { receipt: values.receipt, annotations: { ...annotationsOf(values), ...(countryCode === undefined ? {} : { countryCode }) } }
}
