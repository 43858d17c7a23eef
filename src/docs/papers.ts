import { readFile } from 'node:fs/promises'
import type { GuideEntry } from './guide-page.js'

/** The papers packed beside the code that are served as pages, by their path below `docs`. */
export const papers: readonly (GuideEntry & { file: string })[] = [
  { path: 'guide', title: 'Guide', file: 'README.md' },
  { path: 'contributing', title: 'Contributing', file: 'docs/contributing.md' },
  { path: 'changes', title: 'Changes', file: 'CHANGELOG.md' },
  { path: 'licences', title: 'Licences', file: 'docs/licences.md' },
]

/** Reads a file of the package; undefined when it was not installed along. */
export async function readPaper(file: string): Promise<Uint8Array | undefined> {
  return readFile(new URL(`../../${file}`, import.meta.url)).catch(() => undefined)
}

/**
 * Where a link of a paper leads among the pages served: other papers and vendors' pages by their path, pictures by their name, places on
 * the page and addresses elsewhere as they are; undefined for files of the repository that are not packed.
 */
export function followLink(href: string, from: string): string | undefined {
  if (href.startsWith('#') || /^[a-z]+:/.test(href)) return href
  const folder = from.includes('/') ? from.slice(0, from.lastIndexOf('/') + 1) : ''
  const { pathname, hash } = new URL(href, `file:///${folder}`)
  const file = pathname.slice(1)
  const up = folder === 'docs/vendors/' ? '../' : ''
  const paper = papers.find((known) => known.file === file)
  if (paper) return up + paper.path + hash
  const vendor = /^docs\/vendors\/(\w+)\.md$/.exec(file)?.[1]
  if (vendor) return `${up}vendors/${vendor}${hash}`
  return picture.test(file) ? up + file.slice('docs/'.length) : undefined
}

/** Files of the documents that a page shows. */
export const picture = /^docs\/[\w-]+\.(?:png|svg)$/
