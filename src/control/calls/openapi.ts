import { controlCall } from '../call.js'
import { Problem } from '../../kernel/problem.js'

/** OpenAPI documents of the vendors and of the control API. */
export const openapiCalls = [
  controlCall({
    method: 'GET',
    path: '/openapi.json',
    tag: 'documents',
    summary: 'Every vendor under its prefix, and the control API, in one OpenAPI 3.1 document',
    answers: { 200: { description: 'OpenAPI 3.1', mediaType: 'application/json' } },
    handle: async ({ documents }) => documents.merged(),
  }),
  controlCall({
    method: 'GET',
    path: '/openapi/{file}',
    tag: 'documents',
    summary: 'One vendor as its own clients know it: teak.json',
    answers: { 200: { description: 'OpenAPI 3.1', mediaType: 'application/json' }, 404: { description: 'Unknown vendor' } },
    async handle({ context, documents, params }) {
      const { file = '' } = params
      const document = file.endsWith('.json') ? documents.vendor(file.slice(0, -'.json'.length)) : undefined
      if (document) return document
      const known = context.vendors.map(({ id }) => `${id}.json`).join(', ')
      throw new Problem(404, 'unknown-vendor', 'No such document.', `There is no openapi/${file}; there are ${known}.`)
    },
  }),
]
