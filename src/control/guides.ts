import { createHash } from 'node:crypto'
import type { Core } from '../core.js'
import { docsStyle } from '../openapi/docs-style.js'
import { followLink, papers, picture, readPaper } from '../docs/papers.js'
import { vendorPage } from '../docs/vendor-page.js'
import { Problem } from '../kernel/problem.js'
import { controlCall } from './call.js'
import { vendorOf } from './vendors.js'

/** The guide: the papers of the package and a page a vendor, readable offline. */
export const guideCalls = [
  controlCall({
    method: 'GET',
    path: '/docs/vendors/{id}',
    tag: 'documents',
    summary: 'Everything about one vendor: calls, fields, statuses, gaps, replies, tables, what is not modelled',
    answers: { 200: { description: 'A page without script', mediaType: 'text/html' }, 404: { description: 'Unknown vendor' } },
    async handle({ core, params }) {
      const vendor = vendorOf(core, params['id'])
      return page(core, {
        path: `vendors/${vendor.id}`,
        file: `docs/vendors/${vendor.id}.md`,
        markdown: vendorPage(vendor, seededRows(core)),
      })
    },
  }),
  controlCall({
    method: 'GET',
    path: '/docs/{name}',
    tag: 'documents',
    summary: 'A paper of the package: guide, contributing, changes, licences',
    answers: { 200: { description: 'A page without script, or a picture of one' }, 404: { description: 'No such paper' } },
    async handle({ core, params: { name = '' } }) {
      if (picture.test(`docs/${name}`)) return pictureFile(name)
      const paper = papers.find(({ path }) => path === name)
      const text = paper && (await readPaper(paper.file))
      if (paper && text) return page(core, { path: paper.path, file: paper.file, markdown: Buffer.from(text).toString(), isTrusted: true })
      const known = papers.map(({ path }) => path).join(', ')
      throw new Problem(404, 'unknown-paper', 'No such paper.', `There is no docs/${name} here; there are ${known} and vendors/{id}.`)
    },
  }),
]

interface Paper {
  path: string
  file: string
  markdown: string
  isTrusted?: boolean
}

async function page(core: Core, { path, file, markdown, isTrusted = false }: Paper): Promise<Response> {
  // Loaded when somebody reads, as it brings a Markdown parser.
  const { guidePage } = await import('../docs/guide-page.js')
  const menu = [...papers, ...core.vendors.map(({ id, title }) => ({ path: `vendors/${id}`, title }))]
  const text = await guidePage({ markdown, path, menu, isTrusted, follow: (href) => followLink(href, file) })
  return new Response(text, {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': contentPolicy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    },
  })
}

async function pictureFile(name: string): Promise<Response> {
  const bytes = await readPaper(`docs/${name}`)
  if (!bytes) throw new Problem(404, 'unknown-paper', 'No such picture.', `There is no docs/${name} in this installation.`)
  const mediaType = name.endsWith('.svg') ? 'image/svg+xml' : 'image/png'
  // Node's types leave open whether the buffer is shared; one that was read from a file is not.
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: {
      'Content-Type': mediaType,
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
      'X-Content-Type-Options': 'nosniff',
    },
  })
}

function seededRows({ seed }: Core): Map<string, number> {
  return new Map([...seed.rows].map(([name, rows]) => [name, rows.length]))
}

const styleHash = createHash('sha256').update(docsStyle).digest('base64')
const contentPolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
