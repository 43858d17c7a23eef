import { createHmac } from 'node:crypto'
import type { Request } from '../../kernel/request.js'

/** The scheme of the SDK's Authorization header. */
const scheme = 'TeakV2-HMAC-SHA256'

/**
 * The text that an SDK signs, as the server makes it (iOS SDK source): method, host without port, path and the keyed hash of the
 * body's bytes, each on a line. On a refusal it goes back, so that both sides can be compared.
 */
export function stringToSign({ method, host, path, body }: Pick<Request, 'method' | 'host' | 'path' | 'body'>, apiKey: string): string {
  return [scheme, method, host, path, hex(apiKey, body), ''].join('\n')
}

/** Whether an Authorization header carries the signature of this text. */
export function isSigned(authorization: string | undefined, text: string, apiKey: string): boolean {
  const signature = /^TeakV2-HMAC-SHA256\s+Signature=([0-9a-f]{64})$/i.exec(authorization ?? '')?.[1]
  return signature?.toLowerCase() === hex(apiKey, text)
}

function hex(key: string, data: string | Uint8Array): string {
  return createHmac('sha256', key).update(data).digest('hex')
}
