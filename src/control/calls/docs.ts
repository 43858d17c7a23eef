import { createHash } from 'node:crypto'
import { docsPage } from '../../openapi/page/page.js'
import { docsStyle } from '../../openapi/page/style.js'
import { controlCall } from '../call.js'

/** `GET docs`: the documents for people. */
export const docsCalls = [
  controlCall({
    method: 'GET',
    path: '/docs',
    tag: 'documents',
    summary: 'The documents as a page to browse, offline',
    answers: { 200: { description: 'A page without script', mediaType: 'text/html' } },
    async handle({ context, documents }) {
      const page = await docsPage(documents.merged(), context.vendors)
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

const styleHash = createHash('sha256').update(docsStyle).digest('base64')
const contentPolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
