import { createHash } from 'node:crypto'
import { z } from 'zod'
import { NotFound } from '../../kernel/problem.js'
import type { ApiDocuments } from '../../openapi/documents.js'
import { docsPage } from '../../openapi/page/page.js'
import { docsStyle } from '../../openapi/page/style.js'
import { controlCall, type ControlCall } from '../call.js'

/** OpenAPI documents of the vendors and of the control API, as JSON and as a page; they are asked for at the first call. */
export function documentCalls(documents: () => ApiDocuments): ControlCall[] {
  return [
    controlCall({
      method: 'GET',
      path: '/openapi.json',
      tag: 'documents',
      summary: 'Every vendor under its prefix, and the control API, in one OpenAPI 3.1 document',
      answers: { 200: { description: 'OpenAPI 3.1', mediaType: 'application/json' } },
      handle: async () => documents().merged(),
    }),
    controlCall({
      method: 'GET',
      path: '/openapi/{file}',
      tag: 'documents',
      summary: 'One vendor as its own clients call it: teak.json',
      answers: { 200: { description: 'OpenAPI 3.1', mediaType: 'application/json' }, 404: { description: 'Unknown vendor' } },
      async handle({ context, params }) {
        const { file = '' } = params
        const document = file.endsWith('.json') ? documents().vendor(file.slice(0, -'.json'.length)) : undefined
        if (document) return document
        const known = context.vendors.map(({ id }) => `${id}.json`).join(', ')
        throw new NotFound({
          type: 'unknown-vendor',
          title: 'Document not found.',
          detail: `There is no document openapi/${file}; available: ${known}.`,
        })
      },
    }),
    controlCall({
      method: 'GET',
      path: '/docs',
      tag: 'documents',
      summary: 'The documents as a page to browse, offline',
      query: z.strictObject({ theme: z.enum(['light', 'dark']).optional().describe('Absent: that of the system') }),
      answers: { 200: { description: 'A page without script', mediaType: 'text/html' } },
      async handle({ context, query }) {
        const page = await docsPage(documents().merged(), context.vendors, query.theme)
        return new Response(page, {
          headers: {
            'Content-Type': 'text/html; charset=utf-8',
            'Content-Security-Policy': contentPolicy,
            'X-Content-Type-Options': 'nosniff',
            'Referrer-Policy': 'no-referrer',
          },
        })
      },
    }),
  ]
}

const styleHash = createHash('sha256').update(docsStyle).digest('base64')
const contentPolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
