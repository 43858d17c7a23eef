import { STATUS_CODES } from 'node:http'
import type { FieldValues } from './matching/fields.js'
import type { TrafficEntry } from './entry.js'
import type { Entry } from './traffic.js'
import { showEntry } from './entry.js'

/** Returns entries as an HTTP archive (HAR 1.2) for browser tools; members beyond the format begin with an underscore. */
export function harOf(entries: readonly Entry[], version: string) {
  return { log: { version: '1.2', creator: { name: 'coinslot', version }, pages: [], entries: entries.map(harEntry) } }
}

function harEntry(entry: Entry) {
  const shown = showEntry(entry)
  const { id, at, workspace, vendor, route, outcome, explanation, warnings, fault, rows } = shown
  return {
    startedDateTime: at,
    time: entry.durationMs,
    request: requestOf(shown, entry),
    response: responseOf(shown, entry),
    cache: {},
    timings: { send: 0, wait: entry.durationMs, receive: 0 },
    comment: explanation,
    _sandbox: { id, workspace, vendor, route, outcome, warnings, fault, rows },
  }
}

function requestOf(entry: TrafficEntry, { head, body }: Entry) {
  const { method, query, headers } = entry
  const shown = {
    method,
    url: absoluteUrl(head),
    httpVersion: `HTTP/${head.httpVersion || '1.1'}`,
    cookies: [],
    headers: pairs(headers),
    queryString: pairs(query),
    headersSize: -1,
    bodySize: body.byteLength,
  }
  if (body.byteLength === 0) return shown
  // HAR has no encoding for request bodies; a custom member marks Base64.
  const { mediaType, text, encoding } = entry.body
  return { ...shown, postData: { mimeType: mediaType, text, ...(encoding && { _encoding: encoding }) } }
}

function responseOf({ status, replyHeaders, replyBody }: TrafficEntry, { head, reply }: Entry) {
  const size = reply ? Buffer.byteLength(reply.body) : 0
  const { mediaType, text, encoding } = replyBody
  return {
    // Browser tools show 0 where no answer came.
    status: status ?? 0,
    statusText: status === null ? '' : (STATUS_CODES[status] ?? ''),
    httpVersion: `HTTP/${head.httpVersion || '1.1'}`,
    cookies: [],
    headers: pairs(replyHeaders),
    content: { size, mimeType: mediaType || 'x-unknown', text, ...(encoding && { encoding }) },
    redirectURL: String(replyHeaders['location'] ?? ''),
    headersSize: -1,
    bodySize: status === null ? -1 : size,
  }
}

function absoluteUrl({ target, headers, encrypted }: Entry['head']): string {
  if (!target.startsWith('/') && target.includes('://')) return target
  return `${encrypted ? 'https' : 'http'}://${String(headers['host'] || 'unknown')}${target.startsWith('/') ? '' : '/'}${target}`
}

function pairs(fields: FieldValues): { name: string; value: string }[] {
  return Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => ({ name, value: one })))
}
