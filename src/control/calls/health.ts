import { z } from 'zod'
import { controlCall } from '../call.js'

/** `GET health`: whether the sandbox is up and seeded. */
export const healthCalls = [
  controlCall({
    method: 'GET',
    path: '/health',
    tag: 'sandbox',
    summary: 'Whether the sandbox is up and seeded',
    answers: {
      200: {
        description: 'Up',
        schema: z.object({ status: z.literal('ok'), version: z.string(), uptimeSeconds: z.number(), vendors: z.array(z.string()) }),
      },
      503: { description: 'Not yet, or the shared store cannot be reached' },
    },
    async handle({ context }) {
      // A shared store that cannot be reached shows here, so that a balancer takes the replica out.
      await context.store.has('default')
      await context.store.shared?.check()
      const uptimeSeconds = Math.round((performance.now() - context.startedAt) / 1000)
      return { status: 'ok', version: context.version, uptimeSeconds, vendors: context.vendors.map((vendor) => vendor.id) }
    },
  }),
]
