import { z } from 'zod'
import { reportOf, reportRules } from '../../traffic/analysis/report.js'
import { controlCall } from '../call.js'

/** `GET report`: habits of the client that a real service would suffer from. */
export const reportCalls = [
  controlCall({
    method: 'GET',
    path: '/report',
    tag: 'traffic',
    summary: 'Per caller: retries without pause, one purchase under two ids, successes sent again, refusals repeated unchanged',
    answers: {
      200: {
        description: 'From the kept entries; `entries` are the requests that broke the rule',
        schema: z.object({
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
      return { callers: reportOf(traffic.kept(), context.vendors) }
    },
  }),
]
