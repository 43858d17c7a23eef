import { expect, test } from 'vitest'
import { bundleForExecutable } from '../../scripts/executables/bundle.js'

test('the command fits in one file that loads nothing but modules of Node', async () => {
  const { code, licences } = await bundleForExecutable()
  const loaded = [...code.matchAll(/^(?:let|const|var) [\w{}, ]+ = require\("([^"]+)"\)/gm)].map(([, name]) => name!)

  expect(loaded.length).toBeGreaterThan(20)
  expect(loaded.filter((name) => !name.startsWith('node:'))).toEqual([])
  for (const name of ['hono', 'zod', 'node-forge', 'semver', 'currency-codes', 'ioredis', 'prom-client'])
    expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'))
}, 60_000)
