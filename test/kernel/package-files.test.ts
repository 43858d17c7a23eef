import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { nameOfPackageFile, readPackageFile } from '../../src/kernel/package-files.js'

const root = fileURLToPath(new URL('../../', import.meta.url))

test('a file of the package is read by its path in the package', () => {
  expect(readPackageFile('package.json')).toEqual(readFileSync(join(root, 'package.json')))
  expect(nameOfPackageFile('fixtures/default.json')).toBe(join(root, 'fixtures', 'default.json'))
  expect(() => readPackageFile('no-such-file')).toThrow('ENOENT')
})

test('no other source looks for files beside itself, because a single executable has none', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
  const lines = sources.flatMap((name) =>
    readFileSync(join(root, 'src', name), 'utf8')
      .split('\n')
      .filter((line) => line.includes('import.meta') && line !== 'const require = createRequire(import.meta.url)')
      .map((line) => `${name}: ${line.trim()}`),
  )

  expect(lines).toEqual([`${join('kernel', 'package-files.ts')}: return new URL(\`../../\${path}\`, import.meta.url)`])
})
