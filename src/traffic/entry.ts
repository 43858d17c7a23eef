import { z } from 'zod'
import { verdicts } from '../kernel/outcome.js'
import { queryFields, replyHeader, replyHeaders, requestHeaders } from './matching/fields.js'
import { shownBody } from './parsed-body.js'
import type { Entry } from './traffic.js'

const fields = z.record(z.string(), z.union([z.string(), z.array(z.string())]))
const body = z.object({
  mediaType: z.string(),
  text: z.string(),
  encoding: z.literal('base64').optional().describe('The bytes are no UTF-8; `text` is their Base64'),
  parsed: z.unknown().describe('JSON as it is, a form as an object of texts, an opened payload; null: could not be parsed'),
})

/** A recorded request with its reply, as the control API shows it. */
export const trafficEntry = z.object({
  id: z.string(),
  at: z.iso.datetime().describe('By the workspace’s clock'),
  workspace: z.string(),
  vendor: z.string().nullable(),
  route: z.string().nullable(),
  method: z.string(),
  url: z.string().describe('As sent'),
  path: z.string().describe('As the vendor sees it'),
  query: fields,
  headers: fields,
  body,
  status: z.number().nullable().describe('Null: there was no answer'),
  replyHeaders: fields,
  replyBody: body,
  outcome: z.string(),
  verdict: z.enum(verdicts).describe('Meaning of the outcome for the purchase'),
  expected: z
    .array(z.object({ pointer: z.string(), got: z.unknown(), expected: z.unknown() }))
    .describe('Members of the request that caused a refusal, with values that would have been accepted'),
  explanation: z.string(),
  warnings: z.array(z.string()),
  fault: z.object({ id: z.string(), position: z.enum(['before', 'after']), kind: z.string() }).nullable(),
  durationMs: z.number().describe('Real milliseconds'),
  rows: z.array(z.object({ table: z.string(), key: z.string(), change: z.enum(['added', 'changed', 'removed']) })),
})
export type TrafficEntry = z.infer<typeof trafficEntry>

/** Converts a recorded request to the control API's form, only when it is read. */
export function showEntry(entry: Entry): TrafficEntry {
  const { head, reply, revealed } = entry
  const headers = requestHeaders(head.rawHeaders)
  return {
    id: entry.id,
    at: new Date(entry.at).toISOString(),
    workspace: entry.workspace,
    vendor: entry.vendor,
    route: entry.route,
    method: head.method,
    url: head.target,
    path: entry.path,
    query: queryFields(entry.query),
    headers,
    body: shownBody(entry.body, String(headers['content-type'] ?? ''), revealed.request),
    status: reply?.status ?? null,
    replyHeaders: reply ? replyHeaders(reply) : {},
    replyBody: shownBody(reply?.body ?? '', reply ? replyHeader(reply, 'content-type') : undefined, revealed.reply),
    outcome: entry.outcome,
    verdict: entry.verdict,
    expected: entry.expected.map(({ pointer, got = null, expected }) => ({ pointer, got, expected })),
    explanation: entry.explanation,
    warnings: [...entry.warnings],
    fault: entry.fault,
    durationMs: Math.round(entry.durationMs * 1000) / 1000,
    rows: entry.changes.map(({ table, key, change }) => ({ table, key, change })),
  }
}
