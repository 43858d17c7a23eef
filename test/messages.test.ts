import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** Control calls that a command of coinslot makes. */
const withCommand = /\b(?:GET|POST|PUT|DELETE) \/_sandbox\/(?:clock|faults|reset|seed|snapshots|tables|traffic|upstreams|verify)\b[^.]*/g

test('explanations and messages name a command, not the HTTP call that it makes', () => {
  // The documents in src/openapi describe the calls themselves.
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/^openapi\b/.test(file))
    .map((file) => join('src', file))

  const named = files.flatMap((file) => {
    const code = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(?:\*|\/\*|\/\/)/.test(line))
    return code.flatMap((line) => (line.match(withCommand) ?? []).map((call) => `${file}: ${call}`))
  })

  expect(files.length).toBeGreaterThan(100)
  expect(named).toEqual([])
})
