import { z } from 'zod'
import { coverageOf } from '../../traffic/analysis/coverage.js'
import { reportOf, reportRules } from '../../traffic/analysis/report.js'
import { controlCall } from '../call.js'
import { metricsText } from './metrics-text.js'
import { performance } from '../../kernel/timers.js'

const outcomes = z.array(z.string())

/** State of the sandbox for clients, balancers and dashboards, and what the traffic says about the client under test. */
export const statusCalls = [
  controlCall({
    method: 'GET',
    path: '/health',
    tag: 'sandbox',
    summary: 'Health check: 200 once the sandbox is up and seeded',
    answers: {
      200: {
        description: 'Up',
        schema: z.object({ status: z.literal('ok'), version: z.string(), uptimeSeconds: z.number(), vendors: z.array(z.string()) }),
      },
      503: { description: 'Not yet up, or the shared store is unreachable' },
    },
    async handle({ context }) {
      // An unreachable shared store shows here, so that a balancer takes the replica out.
      await context.store.has('default')
      await context.store.shared?.check()
      const uptimeSeconds = Math.round((performance.now() - context.startedAt) / 1000)
      return { status: 'ok', version: context.version, uptimeSeconds, vendors: context.vendors.map((vendor) => vendor.id) }
    },
  }),
  controlCall({
    method: 'GET',
    path: '/ca.pem',
    tag: 'sandbox',
    summary: 'Certificate of the local authority, which clients must trust to reach the vendors’ own names over TLS',
    answers: { 200: { description: 'The certificate, PEM', mediaType: 'application/x-x509-ca-cert' } },
    async handle({ context }) {
      const { certificate } = await context.authority()
      // Phones offer to install this type; browsers save it under the name.
      const headers = { 'Content-Type': 'application/x-x509-ca-cert', 'Content-Disposition': 'attachment; filename="coinslot-ca.pem"' }
      return new Response(certificate, { headers })
    },
  }),
  controlCall({
    method: 'GET',
    path: '/metrics',
    tag: 'sandbox',
    summary: 'Requests by vendor, route, status and outcome, latencies, store, journal and workspaces for Prometheus',
    answers: { 200: { description: 'Prometheus text of all workspaces together', mediaType: 'text/plain' } },
    async handle({ context }) {
      await context.workspaces.catchUp()
      const { type, text } = await metricsText(context)
      return new Response(text, { headers: { 'Content-Type': type } })
    },
  }),
  controlCall({
    method: 'GET',
    path: '/coverage',
    tag: 'traffic',
    summary: 'Outcomes and statuses of the called vendors that occurred in this workspace, and those that never did',
    query: z.strictObject({ workspaces: z.enum(['all']).optional().describe('all: every workspace together') }),
    answers: {
      200: {
        description: 'Percent in total and by vendor; an outcome is listed with its status, `recorded 200`',
        schema: z.object({
          percent: z.number(),
          vendors: z.record(z.string(), z.object({ percent: z.number(), met: outcomes, missing: outcomes })),
        }),
      },
    },
    async handle({ context, query, reading }) {
      const { traffic } = await reading()
      if (query.workspaces === 'all') {
        const opened = await Promise.all((await context.store.names()).map((name) => context.workspaces.look(name)))
        return coverageOf(
          context.vendors,
          opened.flatMap((one) => (one ? [...one.traffic.counters.all()] : [])),
        )
      }
      return coverageOf(context.vendors, traffic.counters.all())
    },
  }),
  controlCall({
    method: 'GET',
    path: '/report',
    tag: 'traffic',
    summary: 'Per caller: retries without pause, one purchase under two ids, successes sent again, refusals repeated unchanged',
    answers: {
      200: {
        description: 'From the kept entries; `entries` are the requests that broke the rule',
        schema: z.object({
          dropped: z.number().describe('Requests that are no longer kept and so not in the report'),
          callers: z.array(
            z.object({
              caller: z.string(),
              findings: z.array(z.object({ rule: z.enum(reportRules), count: z.number(), entries: z.array(z.string()) })),
            }),
          ),
        }),
      },
    },
    async handle({ context, reading }) {
      const { traffic } = await reading()
      return { dropped: traffic.dropped, callers: reportOf(traffic.kept(), context.vendors) }
    },
  }),
]
