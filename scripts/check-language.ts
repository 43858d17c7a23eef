// The words of docs/style: finds private dialect in comments, messages and test names, so that a search finds what a reader expects.
// `npx tsx scripts/check-language.ts [FOLDER|FILE …]` checks these places, without arguments all of src, test and scripts.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A form that is not used, where it is looked for, and the word to write. */
interface Rule {
  form: RegExp
  /** `comment`: comments alone; `all`: comments and strings. */
  where: 'comment' | 'all'
  instead: string
}

const rules: readonly Rule[] = [
  { form: /^(?:What|Whether|How) /, where: 'comment', instead: 'a noun phrase ("Options for …") or a verb ("Returns …", "True if …")' },
  { form: /\b(?:whoever|whosoever|somebody|nobody|who asks)\b/i, where: 'all', instead: 'the caller, the client, the process, the user' },
  { form: /(?:^|[.;:] )Answers (?!\d)/, where: 'comment', instead: 'Returns, Resolves to' },
  { form: /\b(?:told|tells|tell)\b/i, where: 'comment', instead: 'calls, reports, returns, notifies' },
  { form: /\bmoments?\b/i, where: 'comment', instead: 'time, timestamp' },
  { form: /\b(?:taken|takes|take|took) back\b/i, where: 'all', instead: 'roll back' },
  { form: /\bwill not do\b/i, where: 'all', instead: 'invalid, is not allowed' },
  { form: /\b(?:mend|mends|mended|mending)\b/i, where: 'all', instead: 'fix, repair' },
  { form: /\b(?:spoil|spoils|spoilt|spoiled)\b/i, where: 'all', instead: 'damage, tamper with, corrupt' },
  {
    form: /\b(?:doom|doomed|befall|befalls|befell|agenda|drawer|keeper|sow|sown|whereof|thereof)\b/i,
    where: 'all',
    instead: 'an ordinary technical word',
  },
  { form: /(?<!\bthere )\b(?:is|are|was|were) none\b/i, where: 'all', instead: 'is missing, is invalid, is not one' },
  { form: /(?<!\b[Tt]here )\b(?:is|are) no (?!longer|more|less|such)(?:[a-z]+)\b/, where: 'comment', instead: 'is not a …, has no …' },
  { form: /\bso many\b/i, where: 'comment', instead: 'a count, a limit' },
  { form: /\bof (?:its|their|one's|his) own\b/i, where: 'comment', instead: 'own …, separate …' },
  { form: /\bby itself\b/i, where: 'comment', instead: 'alone, automatically' },
]

/** Quotations of the seed-row operation as journals of version 0.1 spell it, in the files that read it. */
const quotations: Readonly<Record<string, RegExp>> = {
  'src/store/journal/line.ts': /'sow'/g,
  'test/store/old-directory.test.ts': /"sow"/g,
}

const places = process.argv.slice(2)
const found = (places.length > 0 ? places : ['src', 'test', 'scripts']).flatMap((place) => filesIn(join(root, place)).flatMap(check))
for (const line of found) process.stdout.write(`${line}\n`)
process.stderr.write(`${found.length} ${found.length === 1 ? 'place' : 'places'} to reword\n`)
process.exitCode = found.length === 0 ? 0 : 1

function check(file: string): string[] {
  const name = relative(root, file).split(sep).join('/')
  // This file names the words it looks for.
  if (name === 'scripts/check-language.ts') return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((written, at) => {
      const quotation = quotations[name]
      const line = quotation ? written.replaceAll(quotation, '') : written
      const comment = commentIn(line)
      const strings = stringsIn(line.slice(0, line.length - comment.length))
      return rules
        .filter(({ form, where }) => form.test(comment) || (where === 'all' && strings.some((text) => form.test(text))))
        .map(
          ({ form, instead }) =>
            `${name}:${at + 1}: ${form.exec([comment, ...strings].find((text) => form.test(text))!)![0].trim()} -> ${instead}`,
        )
    })
}

/** The comment of a line without its marks: a line comment, or a line of a block comment. */
function commentIn(line: string): string {
  const block = /^\s*(?:\/\*\*?|\*)\s?(.*?)(?:\*\/)?\s*$/.exec(line)
  if (block) return block[1]!
  return /(?:^|\s)\/\/ (.*)$/.exec(line)?.[1] ?? /\/\*\*? (.*?) ?\*\//.exec(line)?.[1] ?? ''
}

function stringsIn(code: string): string[] {
  return [...code.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)].map(([, a, b, c]) => a ?? b ?? c ?? '')
}

function filesIn(place: string): string[] {
  if (statSync(place).isFile()) return [place]
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:tsx?|js|mjs)$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(place, name))
    .filter((file) => statSync(file).isFile())
}
