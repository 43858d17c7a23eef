import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What `<data>/tls/` holds, as PEM. */
export interface AuthorityFiles {
  certificate: string
  key: string
  leafKey: string
}

/** Where the certificate of a data directory's authority is. */
export function certificateFile(dataDirectory: string): string {
  return join(dataDirectory, 'tls', fileNames.certificate)
}

/** Reads what is there, and takes other people's rights to the keys away where they had any; undefined when a file is missing. */
export function readAuthorityFiles(directory: string): AuthorityFiles | undefined {
  try {
    chmodSync(directory, ownerOnlyFolder)
    return {
      certificate: readFileSync(join(directory, fileNames.certificate), 'utf8'),
      key: readKey(join(directory, fileNames.key)),
      leafKey: readKey(join(directory, fileNames.leafKey)),
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Writes an authority; the certificate comes last, so that one that was cut short by a crash is seen as none. */
export function writeAuthorityFiles(directory: string, files: AuthorityFiles): void {
  mkdirSync(directory, { recursive: true, mode: ownerOnlyFolder })
  chmodSync(directory, ownerOnlyFolder)
  replaceFile(join(directory, fileNames.leafKey), files.leafKey, ownerOnlyFile)
  replaceFile(join(directory, fileNames.key), files.key, ownerOnlyFile)
  replaceFile(join(directory, fileNames.certificate), files.certificate, 0o644)
}

const fileNames = { certificate: 'ca.pem', key: 'ca.key.pem', leafKey: 'leaf.key.pem' } as const
const ownerOnlyFolder = 0o700
const ownerOnlyFile = 0o600

function readKey(file: string): string {
  const text = readFileSync(file, 'utf8')
  chmodSync(file, ownerOnlyFile)
  return text
}

function replaceFile(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.new`, text, { mode })
  chmodSync(`${file}.new`, mode)
  renameSync(`${file}.new`, file)
}
