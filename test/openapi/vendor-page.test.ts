import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { fieldsOf } from '../../src/openapi/fields.js'
import { anchorOf, markdownTable, vendorPage } from '../../src/openapi/vendor-page.js'
import { statusesOf } from '../../src/kernel/outcome.js'
import { packagedVendors } from '../../src/sandbox/roster.js'
import { echo } from '../support/echo.js'

describe.each([...packagedVendors, echo].map((vendor) => [vendor.id, vendor] as const))('the page of %s', (_id, vendor) => {
  const page = vendorPage(vendor, new Map([[`${vendor.id}.notes`, 1]]))

  test('has every call with its outcomes, statuses, evidence and gaps', () => {
    for (const { method, path, outcomes, evidence } of vendor.routes) {
      const heading = `### ${method} ${path}\n`
      const part = page.slice(page.indexOf(heading)).split(/\n##/, 1)[0]!
      expect(page).toContain(heading)
      expect(part).toContain(`**${evidence.level}**`)
      for (const gap of evidence.gaps) expect(part).toContain(gap)
      for (const outcome of Object.keys(outcomes)) expect(part).toContain(`\`${outcome}\``)
      for (const status of Object.values(outcomes).flatMap(statusesOf)) expect(part).toContain(`| ${status} |`)
    }
  })

  test('has every reply, every table and everything that is not modelled', () => {
    for (const [name, { status }] of Object.entries(vendor.replies)) expect(page).toContain(`| \`${name}\` | ${status} |`)
    for (const name of Object.keys(vendor.tables)) expect(page).toContain(`### ${vendor.id}.${name}\n`)
    for (const absent of vendor.notModelled ?? []) expect(page).toContain(`- ${absent}\n`)
  })

  test('points only to what is on it', () => {
    const anchors = new Set([...page.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!)))

    expect([...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor).filter((anchor) => !anchors.has(anchor!))).toEqual([])
  })
})

test('every packaged vendor says what of the real service is not there', () => {
  expect(packagedVendors.filter(({ notModelled = [] }) => notModelled.length === 0).map(({ id }) => id)).toEqual([])
})

test('fields within objects and lists have their place in their name', () => {
  const shape = z.object({
    id: z.string().describe('Order'),
    items: z.array(z.object({ sku: z.string(), count: z.int().optional() })),
    where: z.object({ country: z.enum(['de', 'kr']) }).optional(),
  })

  expect(fieldsOf(shape).map(({ name, type, isRequired }) => [name, type, isRequired])).toEqual([
    ['id', 'string', true],
    ['items', 'list of object', true],
    ['items[].sku', 'string', true],
    ['items[].count', 'integer', false],
    ['where', 'object', false],
    ['where.country', '"de", "kr"', false],
  ])
})

test('a table cell stays one cell, whatever is in it', () => {
  expect(markdownTable(['a'], [['x | y\nz <b> `<c>`']])).toBe('| a |\n|---|\n| x \\| y z &lt;b> `<c>` |')
})
