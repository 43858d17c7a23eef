import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ParseError } from 'jsonc-parser'
import type { Vendor } from '../contract.js'
import { wrongKind } from '../kernel/document-kind.js'
import { nameOfPackageFile, readPackageFile } from '../kernel/package-files.js'
import type { Pointer } from '../kernel/problem.js'
import type { Table } from '../kernel/table.js'
import { decodeText, readTextFile } from '../kernel/text-file.js'
import { checkSeed, type CheckedSeed } from './document.js'

/** The seed of the package, which makes every worked example of the vendors pass. */
export const defaultSeedFile = { packaged: 'fixtures/default.json' } as const

/** A seed file, a folder of seeds, or the packaged seed. */
export type SeedPath = string | typeof defaultSeedFile

/** A seed file with its content, or everything that is wrong with it. */
export type SeedFile = { file: string; wrongKind?: string } & CheckedSeed

/** A seed file as JSON, its rows not yet checked, or the reasons why it is not JSON; `wrongKind` if it is a file of another kind. */
export type SeedText = { file: string } & ({ ok: true; document: unknown } | { ok: false; errors: Pointer[]; wrongKind?: string })

/** Reads and checks seed files; of a folder, every `.json` in order of name. Comments and trailing commas are allowed. */
export async function readSeedFiles(
  paths: readonly SeedPath[],
  tables: ReadonlyMap<string, Table>,
  vendors: readonly Vendor[],
): Promise<SeedFile[]> {
  const texts = await readSeedTexts(paths)
  return texts.map((text) => (text.ok ? { file: text.file, ...checkSeed(text.document, tables, vendors) } : text))
}

/** Reads the same files as JSON. */
export async function readSeedTexts(paths: readonly SeedPath[]): Promise<SeedText[]> {
  return (await Promise.all(paths.map(readPath))).flat()
}

async function readPath(path: SeedPath): Promise<SeedText[]> {
  if (typeof path !== 'string') return [await readSeedText(path)]
  const found = await stat(path).catch(() => undefined)
  if (!found?.isDirectory()) return [await readSeedText(path)]
  const names = await readdir(path)
  const seeds = names.filter((name) => name.endsWith('.json') && !name.endsWith('.schema.json')).sort()
  if (seeds.length === 0) return [failed(path, 'The folder has no .json file. Add a seed, or name another folder.')]
  return Promise.all(seeds.map((name) => readSeedText(join(path, name))))
}

async function readSeedText(path: SeedPath): Promise<SeedText> {
  const file = typeof path === 'string' ? path : nameOfPackageFile(path.packaged)
  let text: string
  try {
    text = typeof path === 'string' ? await readTextFile(path) : decodeText(readPackageFile(path.packaged))
  } catch (error) {
    return failed(file, `Cannot be read: ${(error as Error).message}`)
  }
  const parsed = await parseWithComments(text)
  if (!parsed.ok) return failed(file, parsed.message)
  const other = wrongKind(parsed.document, 'seed', file)
  if (other) return { ...failed(file, other), wrongKind: other }
  // The packaged seed is tested, and this check would add milliseconds to every start.
  if (typeof path !== 'string') return { file, ok: true, document: parsed.document }
  const { repeatedMembers } = await import('../kernel/json/repeated-members.js')
  const errors = repeatedMembers(text)
  return errors.length === 0 ? { file, ok: true, document: parsed.document } : { file, ok: false, errors }
}

function failed(file: string, message: string): Extract<SeedText, { ok: false }> {
  return { file, ok: false, errors: [{ path: '', message }] }
}

/** Parses JSON with comments and trailing commas. Most files have none, and the platform parses those much faster. */
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
