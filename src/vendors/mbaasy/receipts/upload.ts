import type { JsonObject } from '../../../kernel/table.js'
import type { FieldFault } from '../invalid.js'
import { readParameters } from '../parameters.js'
import { annotationsOf, assignedCountry, receiptParameters, type Annotations } from '../upload-parameters.js'

/** An App Store receipt as an app uploaded it, not yet looked into. */
export interface ReceiptUpload {
  receipt: string
  countryCode?: string
  annotations: Annotations
}

/** Reads the body of an App Store upload, noting every fault; undefined when there is one. */
export function readReceiptUpload(body: JsonObject, faults: FieldFault[]): ReceiptUpload | undefined {
  const values = readParameters(body, receiptParameters, faults)
  if (values.receipt == null || faults.length > 0) return undefined
  const countryCode = values.country_code == null ? undefined : assignedCountry(values.country_code)
  return { receipt: values.receipt, annotations: annotationsOf(values), ...(countryCode === undefined ? {} : { countryCode }) }
}
