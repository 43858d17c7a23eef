import { expect, test } from 'vitest'
import { aSandbox, post } from '../support/sandbox.js'
import { shop } from '../support/shop.js'

test('requests, latencies, store and workspaces are told in Prometheus’ text', async () => {
  const sandbox = await aSandbox({ roster: [shop], seedDocument: {} })
  for (let at = 0; at < 3; at++) await sandbox.ask('/shop/purchases', post({ id: 'a' }))
  await sandbox.ask('/@other/unknown')

  const answer = await sandbox.ask('/_sandbox/metrics')
  const text = await answer.text()

  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  expect(text).toContain('coinslot_requests_total{vendor="shop",route="/purchases",status="200",outcome="recorded"} 1')
  expect(text).toContain('coinslot_requests_total{vendor="shop",route="/purchases",status="200",outcome="repeated"} 2')
  expect(text).toContain('coinslot_requests_total{vendor="none",route="none",status="404",outcome="unrouted"} 1')
  expect(text).toContain('# TYPE coinslot_request_duration_seconds histogram')
  expect(text).toContain('coinslot_request_duration_seconds_bucket{vendor="shop",route="/purchases",le="+Inf"} 3')
  expect(text).toContain('coinslot_request_duration_seconds_count{vendor="shop",route="/purchases"} 3')
  expect(text).toMatch(/^coinslot_store_rows \d+$/m)
  expect(text).toMatch(/^coinslot_journal_lines \d+$/m)
  expect(text).toMatch(/^coinslot_workspaces 2$/m)
  expect(text).toMatch(/^coinslot_traffic_entries 4$/m)
})

test('a latency stands in every bucket from its own on', async () => {
  const sandbox = await aSandbox({ roster: [shop], seedDocument: {} })
  await sandbox.control('POST', 'faults', { match: {}, effect: { kind: 'delay', ms: 30 } })
  await sandbox.ask('/shop/purchases', post({ id: 'a' }))

  const text = await (await sandbox.ask('/_sandbox/metrics')).text()

  const buckets = [...text.matchAll(/le="([\d.]+)"\} (\d+)$/gm)].map(([, limit, count]) => [Number(limit), Number(count)] as const)
  expect(buckets).toHaveLength(14)
  for (const [limit, count] of buckets) if (limit <= 0.025) expect(count).toBe(0)
  expect(buckets.at(-1)).toEqual([10, 1])
})
