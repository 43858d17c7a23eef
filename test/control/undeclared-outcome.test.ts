import { configSchema } from '../../src/sandbox/config.js'
import { expect, test } from 'vitest'
import type { Vendor } from '../../src/contract.js'
import { openSandbox } from '../../src/sandbox/sandbox.js'
import { checkSeed } from '../../src/seed/document.js'
import { visibleTables } from '../../src/workspace/tables.js'
import { shop } from '../support/shop.js'

/** The shop with one more route, which decides and answers what the request says. */
const careless: Vendor = {
  ...shop,
  routes: [
    ...shop.routes,
    {
      method: 'GET',
      path: '/say/{outcome}/{status}',
      summary: 'Decides and answers as told',
      evidence: shop.routes[0]!.evidence,
      outcomes: { recorded: 200, refused: [400, 403] },
      handle(call) {
        const { outcome, status } = call.request.params
        if (outcome !== 'nothing') call.explain(outcome!, 'As the path says.')
        return { status: Number(status), headers: {}, body: '' }
      },
    },
  ],
}

async function reportsAfter(...paths: string[]): Promise<string[]> {
  const reports: string[] = []
  const checked = checkSeed({}, visibleTables([careless]), [careless])
  if (!checked.ok) throw new Error(JSON.stringify(checked.errors))
  const config = configSchema.parse({ memory: true })
  const sandbox = await openSandbox({ config, vendors: [careless], seed: checked.seed, report: (message) => reports.push(message) })
  for (const path of paths) await sandbox.fetch(new Request(`http://localhost/shop/say/${path}`))
  await sandbox.close()
  return reports
}

test('an outcome that a route does not declare is reported once, with those it declares', async () => {
  const reports = await reportsAfter('recordet/200', 'recordet/200', 'constructor/200')

  expect(reports).toHaveLength(2)
  expect(reports[0]).toBe(
    'Bug in r-1: shop: GET /say/{outcome}/{status} answered 200 with the outcome "recordet", which the route does not declare. It declares recorded 200, refused 400/403.',
  )
})

test('a declared outcome with a status of another one is reported', async () => {
  expect(await reportsAfter('recorded/400', 'refused/200')).toEqual([
    expect.stringContaining('answered 400 with the outcome "recorded"'),
    expect.stringContaining('answered 200 with the outcome "refused"'),
  ])
})

test('an answer without any outcome is reported', async () => {
  expect(await reportsAfter('nothing/200')).toEqual([expect.stringContaining('answered 200 without an outcome')])
})

test('what a route declares is not reported', async () => {
  expect(await reportsAfter('recorded/200', 'refused/400', 'refused/403')).toEqual([])
})
