import { describe, expect, test } from 'vitest'
import type { Route } from '../../src/contract.js'
import { packagedVendors } from '../../src/sandbox/roster.js'
import { aSandbox, type TestSandbox } from '../support/sandbox.js'

const vendors = packagedVendors.filter(({ routes }) => routes.some(({ hosts }) => hosts))

async function asked(sandbox: TestSandbox, method: string, url: string) {
  const reply = await sandbox.ask(url, { method })
  const entry = (await sandbox.control('GET', `traffic/${reply.headers.get('x-sandbox-request')}`)) as {
    route: string | null
    outcome: string
    explanation: string
  }
  return { reply: [reply.status, reply.headers.get('content-type'), await reply.text()], ...entry }
}

/** A route for each list of hosts, with a path of it. */
function oneOfEach(routes: readonly Route[]): { route: Route; path: string }[] {
  const byHosts = new Map(routes.map((route) => [String(route.hosts), route]))
  return [...byHosts.values()].map((route) => ({ route, path: route.path.replaceAll(/\{\w+\}/g, 'x') }))
}

describe.each(vendors.map((vendor) => [vendor.title, vendor] as const))('%s', (_title, vendor) => {
  test('serves a path on the hosts that its route names, and on every host that is not its own', async () => {
    const sandbox = await aSandbox()

    for (const { route, path } of oneOfEach(vendor.routes)) {
      const origins = [...(route.hosts ?? vendor.hosts).map((host) => `https://${host}`), `http://${vendor.id}.localhost:4010`]
      for (const origin of [...origins, `http://127.0.0.1:4010/${vendor.id}`])
        expect([origin, (await asked(sandbox, route.method, origin + path)).route]).toEqual([origin, route.path])
    }
  })

  test('has its answer for an unknown path on the others, and the explanation names those that serve it', async () => {
    const sandbox = await aSandbox()

    for (const { route, path } of oneOfEach(vendor.routes)) {
      for (const host of vendor.hosts.filter((one) => route.hosts && !route.hosts.includes(one))) {
        const refused = await asked(sandbox, route.method, `https://${host}${path}`)
        expect(refused).toMatchObject({
          route: null,
          outcome: 'not-found',
          verdict: 'refused',
          explanation: `${host} does not serve ${path}; ask ${route.hosts!.join(' or ')}.`,
        })
        expect(refused.reply).toEqual((await asked(sandbox, route.method, `https://${host}/nope`)).reply)
      }
    }
  })
})

test('a path without the prefix of its vendor is served on localhost', async () => {
  const sandbox = await aSandbox()

  const path = '/androidpublisher/v3/applications/com.example.game/purchases/voidedpurchases'
  expect((await asked(sandbox, 'GET', `http://127.0.0.1:4010${path}`)).route).toContain('voidedpurchases')
})

test('a path that its host serves by another method is not for another host', async () => {
  const sandbox = await aSandbox()

  expect((await asked(sandbox, 'GET', 'https://oauth2.googleapis.com/token')).explanation).toBe('/token takes POST, not GET.')
  expect((await asked(sandbox, 'GET', 'https://buy.itunes.apple.com/verifyReceipt')).reply[2]).toBe('{"status":21000}')
  expect((await asked(sandbox, 'GET', 'https://api.storekit.apple.com/verifyReceipt')).reply[0]).toBe(404)
})

test('a verb that is not known is explained with those that are', async () => {
  const sandbox = await aSandbox()
  const path = '/androidpublisher/v3/applications/com.example.game/purchases/products/gems.10/tokens/abc:foo'

  const refused = await asked(sandbox, 'POST', `http://127.0.0.1:4010${path}`)
  expect([refused.reply[0], refused.outcome]).toEqual([404, 'method-not-allowed'])
  expect(refused.explanation).toBe(`${path} takes GET, not POST. The path of a POST ends with :acknowledge or :consume.`)
})
