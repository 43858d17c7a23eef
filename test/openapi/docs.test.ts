import { expect, test } from 'vitest'
import { packagedVendors } from '../../src/sandbox/roster.js'
import { aSandbox } from '../support/sandbox.js'

test('the documents are a page that loads nothing and runs nothing', async () => {
  const sandbox = await aSandbox()

  const answer = await sandbox.ask('/_sandbox/docs')
  const page = await answer.text()

  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/)
  expect(page).not.toMatch(/<script|src=|@import|url\(/i)
})

test('the page holds every call of vendors and sandbox, with its evidence', async () => {
  const sandbox = await aSandbox()

  const page = await (await sandbox.ask('/_sandbox/docs')).text()

  const { paths } = (await sandbox.control('GET', 'openapi.json')) as { paths: Record<string, Record<string, { operationId: string }>> }
  for (const methods of Object.values(paths)) {
    for (const { operationId } of Object.values(methods)) expect(page).toContain(`id="${operationId}"`)
  }
  expect(page).toContain('vendor page, Purchase Reporting')
  expect(page).toContain('href="openapi/teak.json"')
})

test('the page shows the tables of every vendor, and the parts of its API that are not modelled', async () => {
  const sandbox = await aSandbox()

  const page = await (await sandbox.ask('/_sandbox/docs')).text()

  for (const { id, tables, notModelled = [] } of packagedVendors) {
    for (const name of Object.keys(tables)) expect(page).toContain(`${id}.${name}`)
    if (notModelled[0])
      expect(page).toContain(`<li>${notModelled[0].replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')}</li>`)
  }
})

test('what routes say of themselves is written as text', async () => {
  const sandbox = await aSandbox()

  const page = await (await sandbox.ask('/_sandbox/docs')).text()

  expect(page).toContain('&quot;')
  expect(page).toMatch(
    /<code>\/_sandbox\/tables\/\{vendor\}\/\{table\}<\/code>|<code class="path">\/_sandbox\/tables\/\{vendor\}\/\{table\}<\/code>/,
  )
})
