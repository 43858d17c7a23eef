import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ParseError } from 'jsonc-parser'
import type { Vendor } from '../contract.js'
import type { Pointer } from '../kernel/problem.js'
import type { Table } from '../kernel/table.js'
import { checkSeed, type CheckedSeed } from './document.js'

/** The seed of the package, which makes every worked example of the vendors pass. */
export const defaultSeedFile = new URL('../../fixtures/default.json', import.meta.url)

/** A seed file with what it says or everything that is wrong with it. */
export type SeedFile = { file: string } & CheckedSeed

/** Reads seed files, of a folder every `.json` in order of name; comments and trailing commas are taken. */
export async function readSeedFiles(
  paths: readonly (string | URL)[],
  tables: ReadonlyMap<string, Table>,
  vendors: readonly Vendor[],
): Promise<SeedFile[]> {
  const files = await Promise.all(paths.map(filesOf))
  return Promise.all(files.flat().map((file) => readSeedFile(file, (document) => checkSeed(document, tables, vendors))))
}

async function filesOf(path: string | URL): Promise<(string | URL)[]> {
  if (path instanceof URL) return [path]
  const found = await stat(path).catch(() => undefined)
  if (!found?.isDirectory()) return [path]
  const names = await readdir(path)
  return names
    .filter((name) => name.endsWith('.json') && !name.endsWith('.schema.json'))
    .sort()
    .map((name) => join(path, name))
}

async function readSeedFile(path: string | URL, check: (document: unknown) => CheckedSeed): Promise<SeedFile> {
  const file = path instanceof URL ? fileURLToPath(path) : path
  const fail = (error: Pointer): SeedFile => ({ file, ok: false, errors: [error] })
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    return fail({ path: '', message: `Cannot be read: ${(error as Error).message}` })
  }
  const parsed = await parseWithComments(text)
  return parsed.ok ? { file, ...check(parsed.document) } : fail({ path: '', message: parsed.message })
}

/** JSON, with comments and trailing commas where there are any; most files are plain, and the platform reads those much faster. */
async function parseWithComments(text: string): Promise<{ ok: true; document: unknown } | { ok: false; message: string }> {
  try {
    return { ok: true, document: JSON.parse(text) as unknown }
  } catch {
    const { parse, printParseErrorCode } = await import('jsonc-parser')
    const faults: ParseError[] = []
    const document: unknown = parse(text, faults, { allowTrailingComma: true })
    const [fault] = faults
    if (!fault) return { ok: true, document }
    const before = text.slice(0, fault.offset).split('\n')
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
    return { ok: false, message: `Not JSON: ${printParseErrorCode(fault.error)} at ${place}.` }
  }
}
