import { z } from 'zod'
import { coverageOf } from '../../traffic/analysis/coverage.js'
import { controlCall } from '../call.js'

const words = z.array(z.string())

/** `GET coverage`: which outcomes a test suite never met. */
export const coverageCalls = [
  controlCall({
    method: 'GET',
    path: '/coverage',
    tag: 'traffic',
    summary: 'Outcomes and statuses of the called vendors that this workspace met, and those it never did',
    query: z.object({ workspaces: z.enum(['all']).optional().describe('all: of every workspace together') }),
    answers: {
      200: {
        description: 'Percent in all and by vendor; an outcome stands with its status, `recorded 200`',
        schema: z.object({
          percent: z.number(),
          vendors: z.record(z.string(), z.object({ percent: z.number(), met: words, missing: words })),
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
]
