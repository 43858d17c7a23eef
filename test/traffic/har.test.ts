import { expect, test } from 'vitest'
import { z } from 'zod'
import { aSandbox, form, post } from '../support/sandbox.js'
import { shop } from '../support/shop.js'

const pairs = z.array(z.strictObject({ name: z.string(), value: z.string() }))

/** HAR 1.2 as its specification lists the members; custom members begin with an underscore. */
const har = z.strictObject({
  log: z.strictObject({
    version: z.literal('1.2'),
    creator: z.strictObject({ name: z.string(), version: z.string() }),
    pages: z.array(z.never()),
    entries: z.array(
      z.strictObject({
        startedDateTime: z.iso.datetime(),
        time: z.number().min(0),
        request: z.strictObject({
          method: z.string(),
          url: z.url(),
          httpVersion: z.string(),
          cookies: z.array(z.never()),
          headers: pairs,
          queryString: pairs,
          postData: z.strictObject({ mimeType: z.string(), text: z.string(), _encoding: z.string().optional() }).optional(),
          headersSize: z.literal(-1),
          bodySize: z.int().min(0),
        }),
        response: z.strictObject({
          status: z.int().min(0),
          statusText: z.string(),
          httpVersion: z.string(),
          cookies: z.array(z.never()),
          headers: pairs,
          content: z.strictObject({ size: z.int(), mimeType: z.string(), text: z.string(), encoding: z.literal('base64').optional() }),
          redirectURL: z.string(),
          headersSize: z.literal(-1),
          bodySize: z.int(),
        }),
        cache: z.strictObject({}),
        timings: z.strictObject({ send: z.number(), wait: z.number(), receive: z.number() }),
        comment: z.string(),
        _sandbox: z.looseObject({}),
      }),
    ),
  }),
})

test('kept entries are an HTTP archive that browser tools open', async () => {
  const sandbox = await aSandbox({ roster: [shop], seedDocument: {} })
  await sandbox.control('POST', 'faults', { match: { path: '/purchases/lost' }, effect: { kind: 'drop' } })
  await sandbox.ask('/shop/purchases?a=1&a=2', post({ id: 'o-1' }))
  await sandbox.ask('http://api.shop.test/purchases/o-1')
  await sandbox.ask('/shop/echo', form({ a: '1' }))
  await sandbox.ask('/shop/echo', { method: 'POST', body: new Uint8Array([255, 0]) })
  await sandbox.ask('/shop/purchases/lost').catch(() => undefined)
  sandbox.context.dispatcher.recordRefused({ type: '', title: '', status: 400, detail: 'no HTTP' }, {} as never, Buffer.from('?'))

  const reply = await sandbox.ask('/_sandbox/traffic.har')

  expect(reply.status).toBe(200)
  const { log } = har.parse(await reply.json())
  expect(log.entries.map(({ request, response }) => [request.method, request.url, response.status])).toEqual([
    ['POST', 'http://127.0.0.1:4010/shop/purchases?a=1&a=2', 200],
    ['GET', 'http://api.shop.test/purchases/o-1', 200],
    ['POST', 'http://127.0.0.1:4010/shop/echo', 200],
    ['POST', 'http://127.0.0.1:4010/shop/echo', 200],
    ['GET', 'http://127.0.0.1:4010/shop/purchases/lost', 0],
    ['', 'http://unknown/', 400],
  ])
  expect(log.entries[3]).toMatchObject({
    request: { postData: { text: '/wA=', _encoding: 'base64' }, bodySize: 2 },
    response: { content: { text: '/wA=', encoding: 'base64', size: 2 } },
  })
})

test('the archive takes the filters of the list', async () => {
  const sandbox = await aSandbox({ roster: [shop], seedDocument: {} })
  await sandbox.ask('/shop/purchases', post({ id: 'o-1' }))
  await sandbox.ask('/shop/purchases/o-2')

  const { log } = (await sandbox.control('GET', 'traffic.har?status=404')) as { log: { entries: unknown[] } }

  expect(log.entries).toHaveLength(1)
})
