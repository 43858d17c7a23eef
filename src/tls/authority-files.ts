import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Contents of `<data>/tls/`, as PEM. */
export interface AuthorityFiles {
  certificate: string
  key: string
  leafKey: string
}

/** Path of the authority's certificate in a data directory: a separate folder, so that it can be shared without the keys. */
export function certificateFile(dataDirectory: string): string {
  return join(dataDirectory, 'tls', fileNames.certificate)
}

/** Reads what is there, and takes other people's rights to the keys away where they had any; undefined when a file is missing. */
export function readAuthorityFiles(directory: string): AuthorityFiles | undefined {
  try {
    keepToOwner(directory, ownerOnlyFolder)
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
  keepToOwner(directory, ownerOnlyFolder)
  mkdirSync(dirname(join(directory, fileNames.certificate)), { recursive: true })
  replaceFile(join(directory, fileNames.leafKey), files.leafKey, ownerOnlyFile)
  replaceFile(join(directory, fileNames.key), files.key, ownerOnlyFile)
  replaceFile(join(directory, fileNames.certificate), files.certificate, 0o644)
}

const fileNames = { certificate: join('public', 'ca.pem'), key: 'ca.key.pem', leafKey: 'leaf.key.pem' } as const
const ownerOnlyFolder = 0o700
const ownerOnlyFile = 0o600

function readKey(file: string): string {
  const text = readFileSync(file, 'utf8')
  keepToOwner(file, ownerOnlyFile)
  return text
}

/** Some file systems know no rights, and on some the owner is not who runs this; neither is a reason not to start. */
function keepToOwner(path: string, mode: number): void {
  try {
    chmodSync(path, mode)
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

function replaceFile(file: string, text: string, mode: number): void {
  rmSync(`${file}.new`, { force: true })
  writeFileSync(`${file}.new`, text, { mode })
  renameSync(`${file}.new`, file)
}
