// Checks links, examples and spelling of the documents, offline: linked files and headings, named paths and npm scripts must exist, every
// example is run by a test or says why not, and every word is British English, a name of the code, or in scripts/words.txt.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import dictionary from 'dictionary-en-gb'
import nspell, { type Speller } from 'nspell'
import { anchorOf } from '../src/openapi/vendor-page.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const documents = ['README.md', 'CHANGELOG.md', ...markdownIn('docs'), 'fixtures/keys/README.md']
/** Pages of vendors are full of field names and made from code; their links are checked, their words are not. */
const isProse = (file: string) => !/^docs\/(vendors\/|licences)/.test(file)

const speller = aSpeller()
const faults = documents.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8')
  return [
    ...deadLinks(file, text),
    ...(isProse(file) ? [...missingScripts(file, text), ...unrunExamples(file, text), ...misspelt(file, text)] : []),
  ]
})
for (const fault of faults) process.stderr.write(`${fault}\n`)
process.stderr.write(
  `${documents.length} documents, ${faults.length === 0 ? 'no faults' : `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`}\n`,
)
process.exitCode = faults.length === 0 ? 0 : 1

function deadLinks(file: string, text: string): string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, href]) => href!)
  return links.flatMap((href) => {
    if (/^https?:/.test(href)) return URL.canParse(href) ? [] : [`${file}: ${href} is not an address`]
    const [path = '', place] = href.split('#')
    const target = path === '' ? file : relative(root, join(root, dirname(file), path))
    if (!existsSync(join(root, target))) return [`${file}: ${target} does not exist`]
    if (place === undefined || !target.endsWith('.md')) return []
    return anchorsOf(readFileSync(join(root, target), 'utf8')).has(place) ? [] : [`${file}: ${target} has no heading #${place}`]
  })
}

function anchorsOf(text: string): Set<string> {
  return new Set([...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!.replaceAll('`', ''))))
}

/** Examples that are not marked, beside diagrams and lists of files: every other block is run, or says why it is not. */
function unrunExamples(file: string, text: string): string[] {
  const blocks = [...text.matchAll(/(.*)\n```(\w+)\n(.*)/g)]
  const unmarked = blocks.filter(
    ([, before = '', language]) => language !== 'mermaid' && !/^<!-- (?:run(?::.*)?|not run: .+) -->$/.test(before),
  )
  return unmarked.map(([, , , first]) => `${file}: the example "${first}" is not marked <!-- run --> or <!-- not run: REASON -->`)
}

/** `npm run x` and paths of the tree in code spans. */
function missingScripts(file: string, text: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const asked = [...text.matchAll(/npm run ([a-z][\w:-]*)/g)].map(([, name]) => name!).filter((name) => !(name in scripts))
  const paths = [...text.matchAll(/`((?:src|test|scripts|fixtures|docs)\/[\w./-]+)`/g)].map(([, path]) => path!)
  const absent = paths.filter((path) => !path.includes('acme') && !existsSync(join(root, path)))
  return [
    ...asked.map((name) => `${file}: npm script "${name}" does not exist`),
    ...absent.map((path) => `${file}: ${path} does not exist`),
  ]
}

function misspelt(file: string, text: string): string[] {
  const words = withoutCode(text.replaceAll(/<!-- generated: .*?<!-- end generated -->/gs, ''))
    .replaceAll(/<!--.*?-->|<[^>]+>|https?:\S+|\]\([^)]*\)/gs, ' ')
    .matchAll(/[\p{L}][\p{L}’']*/gu)
  const wrong = new Set([...words].map(([word]) => word.replaceAll('’', "'").replace(/'s?$/, '')).filter((word) => !isWord(word)))
  return [...wrong].map((word) => `${file}: "${word}" is not in the dictionary; correct it, or add it to scripts/words.txt`)
}

function isWord(word: string): boolean {
  return word.length < 2 || speller.correct(word)
}

function aSpeller(): Speller {
  const made = nspell(dictionary.aff, dictionary.dic)
  for (const word of readFileSync(join(root, 'scripts/words.txt'), 'utf8').split('\n')) if (word !== '') made.add(word)
  return made
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^```.*?^```/gms, '')
}

function withoutCode(text: string): string {
  return withoutBlocks(text).replaceAll(/(?<!\[)`[^`\n]*`(?!\])/g, ' ')
}

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)
}
