import { readFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'

/** Reads a text file that people write. @throws Error if it cannot be read, or is not UTF-8 */
export async function readTextFile(path: string | URL): Promise<string> {
  return decodeText(await readFile(path))
}

/** The same, without waiting. @throws Error if it cannot be read, or is not UTF-8 */
export function readTextFileSync(path: string | URL): string {
  return decodeText(readFileSync(path))
}

/**
 * Decodes UTF-8 without its byte order mark. Bytes that are not UTF-8 are refused, because replacement characters would be stored without notice.
 *
 * @throws Error with the name of the encoding, if it is recognized
 */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) throw new Error(utf16)
  // JSON begins with an ASCII character, so a zero among the first two bytes is UTF-16 without a byte order mark.
  if (bytes.length > 1 && (first === 0 || second === 0)) throw new Error(utf16)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Error('The file is not UTF-8 (Latin-1 or Windows-1252, perhaps); save it as UTF-8.')
  }
}

const utf16 = 'The file is UTF-16; save it as UTF-8.'
