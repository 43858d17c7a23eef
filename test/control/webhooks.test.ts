import { expect, test } from 'vitest'
import { echo } from '../support/echo.js'
import { aReceiver, always, type Receiver } from '../support/receiver.js'
import { aSandbox, post, type TestSandbox } from '../support/sandbox.js'

interface Shown {
  id: string
  status: string
  attempts: number
}

async function aDelivery(receiver: Receiver): Promise<{ sandbox: TestSandbox; shown: () => Promise<Shown> }> {
  const sandbox = await aSandbox({
    roster: [echo],
    seedDocument: { echo: { hooks: [{ name: 'h', url: receiver.url }] }, clock: { now: '2026-01-31T00:00:00Z', frozen: true } },
  })
  await sandbox.ask('/echo/echo', post({ id: 'a' }))
  await sandbox.control('POST', 'clock/advance', { ms: 0 })
  const shown = async () => ((await sandbox.control('GET', 'webhooks')) as { deliveries: Shown[] }).deliveries[0]!
  return { sandbox, shown }
}

test('redelivering sends the identical request again', async () => {
  const receiver = await aReceiver()
  const { sandbox, shown } = await aDelivery(receiver)
  const { id } = await shown()

  const again = await sandbox.control('POST', `webhooks/${id}/redeliver`)

  expect(again).toMatchObject({ id, attempts: 2, status: 'delivered' })
  const [first, second] = receiver.calls
  expect(second).toEqual(first)
})

test('a failed delivery that is redelivered with success is delivered', async () => {
  const receiver = await aReceiver((_call, response, number) => response.writeHead(number <= 3 ? 500 : 200).end('ok'))
  const { sandbox, shown } = await aDelivery(receiver)
  await sandbox.control('POST', 'clock/advance', { duration: 'PT1H' })
  const { id, status } = await shown()
  expect(status).toBe('failed')

  expect(await sandbox.control('POST', `webhooks/${id}/redeliver`)).toMatchObject({
    status: 'delivered',
    attempts: 4,
    reply: { status: 200, body: 'ok' },
  })
})

test('a failed redelivery leaves what was received received', async () => {
  const receiver = await aReceiver((_call, response, number) => response.writeHead(number === 1 ? 200 : 500).end())
  const { sandbox, shown } = await aDelivery(receiver)
  const { id } = await shown()

  expect(await sandbox.control('POST', `webhooks/${id}/redeliver`)).toMatchObject({
    status: 'delivered',
    attempts: 2,
    reply: { status: 500 },
  })
})

test('redelivering a waiting one is an attempt before its time', async () => {
  const receiver = await aReceiver(always(500))
  const { sandbox, shown } = await aDelivery(receiver)
  const { id } = await shown()

  expect(await sandbox.control('POST', `webhooks/${id}/redeliver`)).toMatchObject({
    status: 'waiting',
    attempts: 2,
    nextAttemptAt: '2026-01-31T00:05:00.000Z',
  })
})

test('many redeliveries at once are all made and counted', async () => {
  const receiver = await aReceiver()
  const { sandbox, shown } = await aDelivery(receiver)
  const { id } = await shown()

  await Promise.all(Array.from({ length: 10 }, () => sandbox.control('POST', `webhooks/${id}/redeliver`)))

  expect(receiver.calls).toHaveLength(11)
  expect(await shown()).toMatchObject({ attempts: 11, status: 'delivered' })
})

test('an unknown delivery is not there', async () => {
  const { sandbox } = await aDelivery(await aReceiver())

  const reply = await sandbox.ask('/_sandbox/webhooks/d-nothing/redeliver', { method: 'POST' })

  expect(reply.status).toBe(404)
  expect(await reply.json()).toMatchObject({ type: 'urn:coinslot:problem:unknown-delivery' })
})
