import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const source = join(root, 'src')
const picture = /<!-- rooms -->\n```mermaid\n(.*?)```/s.exec(readFileSync(join(root, 'docs/contributing.md'), 'utf8'))?.[1] ?? ''
/** Each room of the code with the box it is drawn in. */
const boxOf = new Map(
  [...picture.matchAll(/^ +(\w+)\["\w+: ([^"]+)"\]$/gm)].flatMap(([, box, rooms]) =>
    rooms!.split(', ').map((room) => [room, box!] as const),
  ),
)
const arrows = [...picture.matchAll(/^ +(\w+) --> (\w+)$/gm)].map(([, from, to]) => [from!, to!] as const)

test('every room of the code is in the picture of the house, and nothing else is', () => {
  const rooms = new Set(files().map(roomOf))

  expect([...rooms].filter((room) => !boxOf.has(room))).toEqual([])
  expect([...boxOf.keys()].filter((room) => !['', '.ts', '.tsx'].some((ending) => existsSync(join(source, room + ending))))).toEqual([])
})

test('code uses other code along the arrows of the picture alone', () => {
  const wrong = codeImports().filter(({ from, to }) => !reachable(boxOf.get(roomOf(from))!).has(boxOf.get(roomOf(to))!))

  expect(codeImports().length).toBeGreaterThan(300)
  expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
})

test('every arrow of the picture is used', () => {
  const used = new Set(allImports().map(({ from, to }) => `${boxOf.get(roomOf(from))} ${boxOf.get(roomOf(to))}`))

  expect(arrows.length).toBeGreaterThan(5)
  expect(arrows.filter(([from, to]) => !used.has(`${from} ${to}`))).toEqual([])
})

function reachable(box: string): Set<string> {
  const found = new Set([box])
  for (const one of found) for (const [from, to] of arrows) if (from === one) found.add(to)
  return found
}

interface Import {
  from: string
  to: string
}

function codeImports(): Import[] {
  return importsBy(/^(?:import|export) (?!type )[^'\n;]*?(?:\{[^}]*\} )?from '(\.[^']+)'|import\('(\.[^']+)'\)/gm)
}

function allImports(): Import[] {
  return importsBy(/from '(\.[^']+)'/g)
}

function importsBy(form: RegExp): Import[] {
  return files().flatMap((from) =>
    [...readFileSync(join(source, from), 'utf8').matchAll(form)].map(([, direct, lazy]) => ({
      from,
      to: relative(source, join(source, dirname(from), direct ?? lazy!))
        .split(sep)
        .join('/')
        .replace(/\.js$/, '.ts'),
    })),
  )
}

function roomOf(file: string): string {
  return file.split('/')[0]!.replace(/\.tsx?$/, '')
}

/** The page of the inspector runs in a browser and imports nothing of the rest. */
function files(): string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(sep).join('/'))
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('inspector/page/'))
}
