import type { BareReceipt } from '../presented.js'

export type { Envelope } from './envelope.js'
export { envelope } from './envelope.js'
export type { OpenedMessage } from './open.js'
export { openRequest, sealRequest } from './request.js'
export { openResponse, sealResponse } from './response.js'

/** Returns the receipt that a string is if it has the fields of a sealed form, else undefined. */
export function sealedForm(text: string): BareReceipt | undefined {
  return /(?:^|&)(?:key|iv|blob)=/.test(text) ? { format: 'ouya', form: text.trim() } : undefined
}
