import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { packagedVendors } from '../../src/sandbox/roster.js'
import { documentedPorts } from '../../src/sandbox/roster.js'

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

test('the compose file gives the sandbox every vendor’s own names', () => {
  const [, list = ''] = /aliases:\n((?: +- .+\n)+)/.exec(read('docker-compose.yml')) ?? []
  const aliases = [...list.matchAll(/- (.+)/g)].map(([, name]) => name)

  expect(new Set(aliases)).toEqual(new Set(packagedVendors.flatMap(({ hosts }) => [...hosts])))
})

test('the image names every documented port', () => {
  const [, list = ''] = /^EXPOSE (.+)$/m.exec(read('Dockerfile')) ?? []

  expect(list.split(' ').map(Number)).toEqual([4010, ...documentedPorts(packagedVendors)])
})
