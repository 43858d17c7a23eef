import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'

/** A file of the inspector page as it goes out. */
export interface PageFile {
  bytes: Uint8Array
  mediaType: string
  encoding: 'br' | 'gzip' | undefined
}

/**
 * Reads a file of the built page, compressed as the browser takes it; undefined when there is no such file. Names are those the
 * build gave (`app-1a2b.js`), so nothing outside its folder can be named.
 */
export async function readPageFile(name: string, acceptEncoding: string): Promise<PageFile | undefined> {
  const mediaType = mediaTypes[extname(name)]
  if (mediaType === undefined || !nameForm.test(name)) return undefined
  for (const { encoding, ending } of encodings) {
    if (encoding !== undefined && !accepts(acceptEncoding, encoding)) continue
    const bytes = await readFile(new URL(name + ending, folder)).catch(() => undefined)
    if (bytes) return { bytes, mediaType, encoding }
  }
  return undefined
}

/** Where the build leaves the page, seen from the sources, from what the compiler makes of them and from the bundle. */
const folder = new URL('../../dist/inspector/page/', import.meta.url)

const nameForm = /^(page\/)?[\w-]+(\.[\w-]+)*$/
const encodings = [
  { encoding: 'br', ending: '.br' },
  { encoding: 'gzip', ending: '.gz' },
  { encoding: undefined, ending: '' },
] as const
const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

function accepts(header: string, encoding: string): boolean {
  return header.split(',').some((one) => {
    const [name, ...parameters] = one.split(';').map((part) => part.trim().toLowerCase())
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}
