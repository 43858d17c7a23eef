import { z } from 'zod'
import { verdicts } from '../../kernel/outcome.js'
import type { ControlContext } from '../context.js'
import { InvalidInput, NotFound } from '../../kernel/problem.js'
import { LocatedRequest } from '../../kernel/request.js'
import { performance } from '../../kernel/timers.js'
import { briefEntry, briefOf, receivedAt } from '../../traffic/matching/brief.js'
import { showEntry, trafficEntry } from '../../traffic/entry.js'
import { queryKeys, readQuery } from '../../traffic/matching/query.js'
import { factTablesOf } from '../../traffic/purchase-facts.js'
import { passes, statusText, type Filter } from '../../traffic/matching/filter.js'
import { harOf } from '../../traffic/har.js'
import { countOutcomes, outcomeCounts } from '../../traffic/outcome-counts.js'
import { trafficStream } from '../../traffic/stream.js'
import type { Entry, Traffic } from '../../traffic/traffic.js'
import { scopeOf } from '../../workspace/scope.js'
import { jsonResponse } from '../app.js'
import { Page } from '../page.js'
import { controlCall } from '../call.js'
import { queryNumber } from '../query-number.js'
import { checkFilter } from './filter-check.js'

const filters = {
  vendor: z.string().optional(),
  method: z.string().optional().describe('Case-insensitive'),
  path: z.string().optional().describe('Exact path, or a prefix that ends with *'),
  status: statusText.optional(),
  outcome: z.string().optional(),
  verdict: z.enum(verdicts).optional(),
  search: z.string().min(1).optional().describe('Anywhere in request, reply and explanation; case-insensitive'),
  q: z
    .string()
    .max(1_000)
    .optional()
    .describe(`Query line such as \`is:refused vendor:teak -outcome:repeated since:5m\`; keys: ${Object.keys(queryKeys).join(', ')}`),
}
const brief = z.enum(['true', 'false']).optional().describe('true: without headers and bodies')
const listQuery = z.strictObject({
  ...filters,
  since: z.string().optional().describe('Id of an entry, which is left out, or an ISO 8601 time'),
  limit: queryNumber({ min: 1, max: 100_000 }).default(100),
  skip: queryNumber({ min: 0 }).default(0).describe('Number of the newest entries to leave out'),
  around: z
    .string()
    .optional()
    .describe(
      'Id of an entry: in place of `skip`, leaves out whole pages so that it is in the list; one that is not there leaves out nothing',
    ),
  brief,
})
const streamQuery = z.strictObject({
  ...filters,
  brief,
  everyMs: queryNumber({ min: 0, max: 10_000 }).optional().describe('Least time between two batches in milliseconds'),
  newest: queryNumber({ min: 1 }).optional().describe('Most entries in a batch; older ones are left out'),
})

const layer = z.object({
  title: z.string(),
  text: z.string().nullable().describe('Null: it could not be decrypted'),
  note: z.string().optional(),
})

/** Recorded requests of a workspace with their replies. */
export const trafficCalls = [
  controlCall({
    method: 'GET',
    path: '/traffic',
    tag: 'traffic',
    summary: 'Entries that pass the filters, newest first; a page ends early at 8 MiB, and `skip` goes on',
    query: listQuery,
    answers: {
      200: {
        description: 'Entries; `total` counts all kept ones that pass, `dropped` those no longer kept',
        schema: z.object({
          entries: z.array(z.union([trafficEntry, briefEntry])),
          total: z.number(),
          dropped: z.number(),
          skip: z.number().optional().describe('With `around`: number of newer entries that were left out'),
          older: z.iso.datetime().nullable().optional().describe('With `brief`: when the next older entry arrived, by the real clock'),
        }),
      },
      422: { description: 'Invalid filter' },
    },
    async handle({ context, query, reading }) {
      const { traffic } = await reading()
      const { test, show } = reader(context, query)
      const found = since(context, traffic, query.since).filter(test)
      const skip = query.around === undefined ? query.skip : pageWith(query.around, found, query.limit)
      const wanted = found.slice(0, found.length - Math.min(skip, found.length)).slice(-query.limit)
      const page = new Page(query.limit)
      for (const entry of wanted.toReversed()) if (!page.add(show(entry))) break
      const next = found[found.length - skip - page.length - 1]
      return page.response('entries', {
        total: found.length,
        dropped: traffic.dropped,
        ...(query.around !== undefined && { skip }),
        ...(query.brief === 'true' && { older: next ? receivedAt(next) : null }),
      })
    },
  }),
  controlCall({
    method: 'DELETE',
    path: '/traffic',
    tag: 'traffic',
    summary: 'Delete all entries and counters',
    answers: { 204: { description: 'Deleted' } },
    async handle({ writing }) {
      const { traffic } = await writing()
      await traffic.clear()
    },
  }),
  controlCall({
    method: 'GET',
    path: '/traffic/stream',
    tag: 'traffic',
    summary: 'New entries as server-sent events; with Last-Event-ID those after it first',
    query: streamQuery,
    answers: {
      200: { description: 'Events `traffic`, each an entry on one line', mediaType: 'text/event-stream' },
      422: { description: 'Invalid filter' },
    },
    async handle({ context, c, query, workspaceName, reading }) {
      await reading()
      const { everyMs, newest } = query
      const { test, show } = reader(context, query)
      const stream = trafficStream(
        {
          traffic: async () => (await context.workspaces.look(workspaceName))?.traffic,
          onRecorded: (wake) => context.onRecorded(workspaceName, wake),
          closing: context.closing,
        },
        c.req.header('last-event-id'),
        { passes: test, show, everyMs, newest },
      )
      const headers = { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' }
      return new Response(stream, { headers })
    },
  }),
  controlCall({
    method: 'GET',
    path: '/traffic/outcomes',
    tag: 'traffic',
    summary: 'Number of times each outcome occurred, with first and last time',
    answers: { 200: { description: 'Outcomes by vendor, most frequent first', schema: outcomeCounts } },
    async handle({ reading }) {
      const { traffic } = await reading()
      return countOutcomes(traffic)
    },
  }),
  controlCall({
    method: 'GET',
    path: '/traffic.har',
    tag: 'traffic',
    summary: 'All kept entries as an HTTP archive (HAR) for browser tools',
    query: z.strictObject(filters),
    answers: { 200: { description: 'HAR 1.2', mediaType: 'application/json' }, 422: { description: 'Invalid filter' } },
    async handle({ context, query, reading, workspaceName }) {
      const { traffic } = await reading()
      const found = traffic.kept().filter(reader(context, query).test)
      return jsonResponse(200, harOf(found, context.version), {
        'Content-Disposition': `attachment; filename="coinslot-${workspaceName}.har"`,
      })
    },
  }),
  controlCall({
    method: 'GET',
    path: '/traffic/{id}',
    tag: 'traffic',
    summary: 'One entry',
    answers: { 200: { description: 'The entry', schema: trafficEntry }, 404: { description: 'Not kept' } },
    async handle({ context, params, reading }) {
      const { traffic } = await reading()
      const id = params['id'] ?? ''
      const entry = traffic.find(id)
      if (entry) return showEntry(entry)
      throw unknownEntry(context, traffic, id)
    },
  }),
  controlCall({
    method: 'GET',
    path: '/traffic/{id}/layers',
    tag: 'traffic',
    summary: 'Decrypted layers of a sealed request and its reply, outermost first, as far as the stored keys open them',
    answers: {
      200: { description: 'Both are empty if nothing was sealed', schema: z.object({ request: z.array(layer), reply: z.array(layer) }) },
      404: { description: 'Not kept' },
    },
    async handle({ context, params, reading }) {
      const { space, traffic } = await reading()
      const id = params['id'] ?? ''
      const entry = traffic.find(id)
      if (!entry) throw unknownEntry(context, traffic, id)
      const vendor = context.vendors.find((candidate) => candidate.id === entry.vendor)
      if (!vendor?.unseal) return { request: [], reply: [] }
      const request = new LocatedRequest(entry.head, context.dispatcher.locate(entry.head), entry.body)
      return vendor.unseal(scopeOf(context, space, await space.setting(), vendor.id), request, entry.reply)
    },
  }),
]

/** The test of a filter, and the form in which its entries are shown. @throws InvalidInput if the filter is invalid */
function reader(context: ControlContext, query: Filter & { q?: string | undefined; brief?: string | undefined }) {
  checkFilter(context.vendors, query)
  const tables = factTablesOf(context.tables)
  const isAsked =
    query.q === undefined
      ? () => true
      : readQuery(query.q, { tables, vendors: context.vendors.map(({ id }) => id), now: performance.now() })
  return {
    test: (entry: Entry) => passes(query, entry) && isAsked(entry),
    show: (entry: Entry) => (query.brief === 'true' ? briefOf(entry, tables) : showEntry(entry)),
  }
}

/** Number of newer entries to leave out so that whole pages end before the one with an entry; 0 if it is not among them. */
function pageWith(id: string, found: readonly Entry[], limit: number): number {
  const place = found.findIndex((entry) => entry.id === id)
  return place < 0 ? 0 : Math.floor((found.length - 1 - place) / limit) * limit
}

/** Entries after an id or a time. @throws InvalidInput if the string is neither */
function since(context: ControlContext, traffic: Traffic, text: string | undefined): readonly Entry[] {
  if (text === undefined) return traffic.kept()
  if (context.dispatcher.hasGiven(text) || traffic.hasGiven(text))
    return traffic.kept().slice(traffic.placeAfter(text) - traffic.places.oldest)
  const at = isoTime.safeParse(text)
  if (at.success) return traffic.kept().filter((entry) => entry.at >= new Date(at.data).getTime())
  throw badFilter(
    '/since',
    `"${text}" is neither the id of an entry nor an ISO 8601 time. Use an id from "coinslot requests", or a time such as 2026-01-31T12:00:00Z.`,
  )
}

function unknownEntry(context: ControlContext, traffic: Traffic, id: string): NotFound {
  const why =
    context.dispatcher.hasGiven(id) || traffic.hasGiven(id)
      ? 'it was dropped, or belongs to another workspace'
      : 'no request has had this id since the start'
  return new NotFound({
    type: 'unknown-entry',
    title: 'Entry not found.',
    detail: `There is no entry "${id}": ${why}. "coinslot requests" lists the kept entries.`,
  })
}

const isoTime = z.union([z.iso.datetime({ offset: true }), z.iso.date()])

function badFilter(path: string, message: string): InvalidInput {
  return new InvalidInput({ type: 'invalid', title: 'Invalid query.', detail: message, errors: [{ path, message }] })
}
