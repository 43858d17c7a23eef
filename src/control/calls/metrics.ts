import { controlCall } from '../call.js'
import { metricsText } from './metrics-text.js'

/** `GET metrics`: requests, latencies, store and journal for Prometheus. */
export const metricsCalls = [
  controlCall({
    method: 'GET',
    path: '/metrics',
    tag: 'sandbox',
    summary: 'Requests by vendor, route, status and outcome, latencies, store, journal and workspaces for Prometheus',
    answers: { 200: { description: 'Prometheus text, of all workspaces together', mediaType: 'text/plain' } },
    async handle({ context }) {
      await context.workspaces.catchUp()
      const { type, text } = await metricsText(context)
      return new Response(text, { headers: { 'Content-Type': type } })
    },
  }),
]
