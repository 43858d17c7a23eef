import { gunzipSync } from 'node:zlib'
import type { Read } from '../../../kernel/body.js'
import type { Request } from '../../../kernel/request.js'
import { brief, show } from '../../../kernel/show.js'

/** True for a GET that was sent as a POST, as Google's Python client does with a URL of more than 2048 characters. */
export function isOverridden(request: Request): boolean {
  return request.method === 'POST' && request.header('x-http-method-override')?.trim().toUpperCase() === 'GET'
}

/** Returns the parameters of a request. Those of a GET that was sent as a POST are in its body. */
export function queryOf(request: Request): URLSearchParams {
  if (!isOverridden(request)) return request.query
  return new URLSearchParams([...request.query, ...new URLSearchParams(Buffer.from(request.body).toString())])
}

/** Returns the body of a request without its compression: Google's Java client sends each body as gzip, also an empty one. */
export function bodyBytesOf(request: Request): Read<Uint8Array> {
  const encoding = request.header('content-encoding')?.trim().toLowerCase() ?? ''
  if (encoding === '' || encoding === 'identity' || request.body.byteLength === 0) {
    const [first, second] = request.body
    if (first !== 0x1f || second !== 0x8b) return { ok: true, value: request.body }
    return { ok: false, reason: 'it is gzip, and Content-Encoding does not say so; send Content-Encoding: gzip' }
  }
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    return { ok: false, reason: `it came with Content-Encoding ${show(brief(encoding, 40))}; gzip is taken` }
  }
  try {
    return { ok: true, value: gunzipSync(request.body, { maxOutputLength: mostBytes }) }
  } catch (error) {
    const isTooLarge = error instanceof RangeError
    return {
      ok: false,
      reason: isTooLarge ? `it is larger than ${mostBytes} bytes without gzip` : 'Content-Encoding is gzip, and the body is not',
    }
  }
}

/** The default of --body-limit, so that a small body cannot become a huge one. */
const mostBytes = 2_097_152
