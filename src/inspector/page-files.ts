import { extname } from 'node:path'
import { readPackageFile } from '../kernel/package-files.js'

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
export function readPageFile(name: string, acceptEncoding: string): PageFile | undefined {
  const mediaType = mediaTypes[extname(name)]
  if (mediaType === undefined || !nameForm.test(name)) return undefined
  for (const { encoding, ending } of encodings) {
    if (encoding !== undefined && !accepts(acceptEncoding, encoding)) continue
    const bytes = readFound(name + ending)
    if (bytes) return { bytes, mediaType, encoding }
  }
  return undefined
}

/** Reads a file from where the build leaves the page. */
function readFound(name: string): Uint8Array | undefined {
  try {
    return readPackageFile(`dist/inspector/page/${name}`)
  } catch {
    return undefined
  }
}

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
