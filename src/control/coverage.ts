import { z } from 'zod'
import { coverageOf } from '../traffic/coverage.js'
import { controlCall } from './call.js'

const words = z.array(z.string())

/** `GET coverage`: which outcomes a test suite never met. */
export const coverageCalls = [
  controlCall({
    method: 'GET',
    path: '/coverage',
    tag: 'traffic',
    summary: 'Outcomes and statuses of the called vendors that this workspace met, and those it never did',
    answers: {
      200: {
        description: 'Percent in all and by vendor; an outcome stands with its status, `recorded 200`',
        schema: z.object({
          percent: z.number(),
          vendors: z.record(z.string(), z.object({ percent: z.number(), met: words, missing: words })),
        }),
      },
    },
    async handle({ core, reading }) {
      const { traffic } = await reading()
      return coverageOf(core.vendors, traffic.counters.all())
    },
  }),
]
