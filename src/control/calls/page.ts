import type { Context } from 'hono'
import { readPageFile } from '../../inspector/page-files.js'
import { NotFound, ServiceUnavailable } from '../../kernel/problem.js'
import { controlCall, type ControlEnv } from '../call.js'

/** The inspector: a page over the control API, and its files. Neither needs the control token; the calls of the page do. */
export const pageCalls = [
  controlCall({
    method: 'GET',
    path: '/',
    tag: 'inspector',
    summary: 'The inspector page',
    answers: {
      200: { description: 'The page', mediaType: 'text/html' },
      308: { description: 'Redirect to the path with a slash at its end' },
    },
    async handle({ c }) {
      const { pathname, search } = new URL(c.req.url)
      // The page's own links are relative to the folder.
      if (!pathname.endsWith('/')) return new Response(null, { status: 308, headers: { Location: `_sandbox/${search}` } })
      const page = await file(c, 'index.html', { ...pageHeaders, 'Cache-Control': 'no-cache' })
      if (page) return page
      throw new ServiceUnavailable({
        type: 'page-not-built',
        title: 'Inspector not built.',
        detail: 'The files of the page are missing. Run `npm run build`; everything else works without them.',
      })
    },
  }),
  controlCall({
    method: 'GET',
    path: '/page/{file}',
    tag: 'inspector',
    summary: 'Scripts and styles of the inspector page',
    answers: { 200: { description: 'The file' }, 404: { description: 'File not found' } },
    async handle({ c, params }) {
      // The build puts a hash of the content into each name.
      const found = await file(c, `page/${params['file']}`, { 'Cache-Control': 'public, max-age=31536000, immutable' })
      if (found) return found
      throw new NotFound({
        type: 'unknown-file',
        title: 'File not found.',
        detail: `The inspector has no file "${params['file']}". If it was built again since its page was loaded, reload the page.`,
      })
    },
  }),
]

async function file(c: Context<ControlEnv>, name: string, headers: Record<string, string>): Promise<Response | undefined> {
  const found = readPageFile(name, c.req.header('accept-encoding') ?? '')
  if (!found) return undefined
  const { bytes, mediaType, encoding } = found
  // Node's types allow a shared buffer; one that was read from a file is not shared.
  const body = bytes as Uint8Array<ArrayBuffer>
  return new Response(body, {
    headers: {
      ...headers,
      'Content-Type': mediaType,
      Vary: 'Accept-Encoding',
      'X-Content-Type-Options': 'nosniff',
      ...(encoding && { 'Content-Encoding': encoding }),
    },
  })
}

/** Allows the page's own scripts and styles only; no string becomes markup, and no other page can frame it. */
const pageHeaders = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
}
