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
    async handle({ core }) {
      // A shared store that cannot be reached shows here, so that a balancer takes the replica out.
      await core.store.has('default')
      await core.store.shared?.check()
      const uptimeSeconds = Math.round((performance.now() - core.startedAt) / 1000)
      return { status: 'ok', version: core.version, uptimeSeconds, vendors: core.vendors.map((vendor) => vendor.id) }
    },
  }),
]
