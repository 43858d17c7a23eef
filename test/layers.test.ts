import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const source = fileURLToPath(new URL('../src/', import.meta.url))

/** Each room with those it may import beside itself; what is not named here is refused. */
const mayImport: Record<string, readonly string[]> = {
  kernel: [],
  pki: ['kernel'],
  store: ['kernel'],
  marketplace: ['kernel'],
  receipts: ['kernel', 'pki', 'marketplace'],
  contract: ['kernel', 'marketplace', 'receipts'],
  vendors: ['contract', 'kernel', 'marketplace', 'pki', 'receipts'],
}
/** The only files that may know which vendors there are. */
const rosterReaders = ['roster.ts']

test('imports point one way: the ground rooms know nothing of those above them', () => {
  const wrong = imports()
    .filter(({ from, to }) => mayImport[room(from)] && room(from) !== room(to) && !mayImport[room(from)]!.includes(room(to)))
    .map(({ from, to }) => `${from} -> ${to}`)

  expect(wrong).toEqual([])
})

test('a vendor never imports another vendor', () => {
  const vendorOf = (file: string) => file.split('/')[1]
  const wrong = imports()
    .filter(
      ({ from, to }) =>
        room(from) === 'vendors' && room(to) === 'vendors' && from !== 'vendors/index.ts' && vendorOf(from) !== vendorOf(to),
    )
    .map(({ from, to }) => `${from} -> ${to}`)

  expect(wrong).toEqual([])
})

test('only the roster knows which vendors there are', () => {
  const readers = imports()
    .filter(({ from, to }) => room(to) === 'vendors' && room(from) !== 'vendors')
    .map(({ from }) => from)

  expect([...new Set(readers)]).toEqual(rosterReaders)
})

test('a file is short enough to hold one idea', () => {
  const long = files().filter((file) => readFileSync(join(source, file), 'utf8').split('\n').length > 401)

  expect(long).toEqual([])
})

function imports(): { from: string; to: string }[] {
  return files().flatMap((from) => {
    const text = readFileSync(join(source, from), 'utf8')
    const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)
    return [...found].map(([, target]) => ({
      from,
      to: relative(source, join(source, dirname(from), target!))
        .split(sep)
        .join('/')
        .replace(/\.js$/, '.ts'),
    }))
  })
}

function room(file: string): string {
  return file.split('/')[0]!.replace(/\.tsx?$/, '')
}

function files(): string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => file.split(sep).join('/'))
}
