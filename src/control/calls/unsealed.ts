import { z } from 'zod'
import { LocatedRequest } from '../../kernel/request.js'
import { Problem } from '../../kernel/problem.js'
import { scopeOf } from '../../workspace/scope.js'
import { controlCall } from '../call.js'

const layer = z.object({
  title: z.string(),
  text: z.string().nullable().describe('Null: it stayed shut'),
  note: z.string().optional(),
})

/** What stands inside sealed requests and answers. */
export const layerCalls = [
  controlCall({
    method: 'GET',
    path: '/traffic/{id}/layers',
    tag: 'traffic',
    summary: 'The layers of a sealed request and its answer, outermost first, as far as the keys kept now open them',
    answers: {
      200: { description: 'Both empty where nothing was sealed', schema: z.object({ request: z.array(layer), reply: z.array(layer) }) },
      404: { description: 'Not kept' },
    },
    async handle({ context, params, reading }) {
      const { space, traffic } = await reading()
      const entry = traffic.find(params['id'] ?? '')
      if (!entry)
        throw new Problem(
          404,
          'unknown-entry',
          'No such entry.',
          `There is no entry "${params['id']}"; it may have been dropped. GET /_sandbox/traffic lists those that are kept.`,
        )
      const vendor = context.vendors.find(({ id }) => id === entry.vendor)
      if (!vendor?.unseal) return { request: [], reply: [] }
      const request = new LocatedRequest(entry.head, context.dispatcher.locate(entry.head), entry.body)
      return vendor.unseal(scopeOf(context, space, await space.setting(), vendor.id), request, entry.reply)
    },
  }),
]
