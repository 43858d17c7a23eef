import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { parseAst } from 'vite'
import { expect, test } from 'vitest'

const source = fileURLToPath(new URL('../../src/', import.meta.url))
/** Time limit of a pattern over a string that a body can hold; a pattern that backtracks takes minutes. */
const longestMs = 10_000
const length = 20_000
/** Rooms that read nothing but what their own user or this package wrote. */
const ownTexts = /^(?:api|cli|client|docs|doctor|inspector[\\/]page)[\\/]/

interface Pattern {
  file: string
  source: string
  flags: string
}

test('no regular expression backtracks on a long text that almost fits', { timeout: 300_000 }, () => {
  const patterns = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !ownTexts.test(file))
    .flatMap(patternsOf)
  const slow = patterns.filter((pattern) => !isQuick(pattern))

  expect(patterns.length).toBeGreaterThan(60)
  expect(slow).toEqual([])
})

function patternsOf(file: string): Pattern[] {
  const tree = parseAst(readFileSync(join(source, file), 'utf8'), { lang: file.endsWith('x') ? 'tsx' : 'ts' })
  const found: Pattern[] = []
  visit(tree, (node) => {
    const { regex } = node as { regex?: { pattern: string; flags: string } | null }
    if (regex) found.push({ file, source: regex.pattern, flags: regex.flags })
  })
  return found
}

function visit(node: unknown, see: (node: object) => void): void {
  if (typeof node !== 'object' || node === null) return
  if (!Array.isArray(node)) see(node)
  for (const value of Object.values(node)) visit(value, see)
}

/** Texts of one repeated piece behind a start the pattern knows, with an end that fits nothing. */
function isQuick({ source: pattern, flags }: Pattern): boolean {
  const plain = pattern.replaceAll(/\\[dswb]|[[\](){}|*+?^$\\]|\d+,\d*/g, ' ')
  const literal = plain.split('').filter((letter) => letter !== ' ')
  const pieces = new Set(['a', '0', ' ', '-', 'a0', '0 ', 'a ', '\n', '%', '=', '.', '/', ...literal, literal.join('').slice(0, 12)])
  const starts = ['', literal.slice(0, 6).join(''), '2018-01-01T00:00:00']
  const texts = [...pieces].flatMap((piece) =>
    starts.map((start) => `${start}${piece.repeat(Math.ceil(length / Math.max(1, piece.length)))}\u0000`),
  )
  try {
    runInNewContext('for (const text of texts) new RegExp(pattern, flags).test(text)', { texts, pattern, flags }, { timeout: longestMs })
    return true
  } catch {
    return false
  }
}
