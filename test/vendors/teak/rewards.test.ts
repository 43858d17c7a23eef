import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rewardWebhook, signatureOf } from '../../../src/vendors/teak/rewards.js'
import { aSandbox } from '../../support/sandbox.js'

const minute = 60_000

interface Callback {
  type: string | undefined
  text: string
}

/** A game server that answers callbacks in turn; the last answer stays. */
async function aGameServer(...answers: { status: number; body: string }[]): Promise<{ url: string; callbacks: Callback[] }> {
  const callbacks: Callback[] = []
  const server: Server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const answer = answers[Math.min(callbacks.length, answers.length - 1)]!
      callbacks.push({ type: request.headers['content-type'], text })
      response.writeHead(answer.status).end(answer.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/teak/reward?game=1`, callbacks }
}

function seedWith(rewardUrl?: string): unknown {
  return { teak: { games: [{ gameId: '123456', secretKey: 'server-secret', ...(rewardUrl !== undefined && { rewardUrl }) }] } }
}

const order = { gameId: '123456', userId: 'player & 1', reward: { coins: 25, energy: 10 } }

interface Delivery {
  id: string
  status: string
  attempts: unknown[]
}

async function deliveriesOf(sandbox: Awaited<ReturnType<typeof aSandbox>>): Promise<Delivery[]> {
  return ((await sandbox.control('GET', 'webhooks')) as { deliveries: Delivery[] }).deliveries
}

describe('a reward callback', () => {
  test('is a form whose signature a game server can check as the vendor’s page shows', async () => {
    const game = await aGameServer({ status: 200, body: 'TEAKOK' })
    const sandbox = await aSandbox({ seedDocument: seedWith(game.url) })

    const { id } = (await sandbox.control('POST', 'vendors/teak/rewards', order)) as { id: string }
    await expect.poll(async () => (await deliveriesOf(sandbox)).map(({ status }) => status)).toEqual(['delivered'])

    expect((await deliveriesOf(sandbox))[0]?.id).toBe(id)
    const [callback] = game.callbacks
    expect(callback?.type).toBe('application/x-www-form-urlencoded')
    const { signature, ...fields } = Object.fromEntries(new URLSearchParams(callback?.text))
    expect(fields).toMatchObject({
      app_id: '123456',
      clicking_user_id: 'player & 1',
      posting_user_id: '0',
      reward: '{"coins":25,"energy":10}',
    })
    expect(Object.keys(fields).toSorted()).toEqual([
      'app_id',
      'clicking_user_id',
      'event_id',
      'post_id',
      'post_type',
      'posting_user_id',
      'reward',
      'timestamp',
    ])
    expect(fields['timestamp']).toMatch(/^\d{10}$/)
    expect(BigInt(fields['post_id']!)).toBeLessThan(2n ** 63n)
    const pairs = Object.keys(fields)
      .toSorted()
      .map((name) => `${name}=${fields[name]}`)
    const expected = createHmac('sha256', 'server-secret')
      .update(`POST\n${game.url}\n${pairs.join('&')}`)
      .digest('base64')
    expect(signature).toBe(encodeURIComponent(expected))
  })

  test('that is not answered with TEAKOK is sent again, the same, after a minute', async () => {
    const game = await aGameServer({ status: 200, body: 'thanks' }, { status: 500, body: 'TEAKOK' }, { status: 200, body: '<p>TEAKOK</p>' })
    const sandbox = await aSandbox({
      seedDocument: { ...(seedWith(game.url) as object), clock: { now: '2026-01-01T00:00:00.000Z', frozen: true } },
    })
    await sandbox.control('POST', 'vendors/teak/rewards', order)
    await expect.poll(() => game.callbacks.length).toBe(1)
    await sandbox.control('POST', 'clock/advance', { ms: minute })
    await expect.poll(() => game.callbacks.length).toBe(2)
    await sandbox.control('POST', 'clock/advance', { ms: 2 * minute })
    await expect.poll(async () => (await deliveriesOf(sandbox))[0]?.status).toBe('delivered')
    expect(new Set(game.callbacks.map(({ text }) => text)).size).toBe(1)
    expect(game.callbacks).toHaveLength(3)
  })

  test('cannot be sent for an unknown game, without an endpoint, or with a reward that is not an object of numbers', async () => {
    const sandbox = await aSandbox({ seedDocument: seedWith() })
    const statusOf = async (body: unknown) =>
      (await sandbox.ask('/_sandbox/vendors/teak/rewards', { method: 'POST', body: JSON.stringify(body) })).status
    expect(await statusOf({ ...order, gameId: 'other' })).toBe(404)
    expect(await statusOf(order)).toBe(422)
    expect(await statusOf({ ...order, reward: { coins: 'many' } })).toBe(422)
    expect(await statusOf({ gameId: '123456' })).toBe(422)
    expect(await deliveriesOf(sandbox)).toEqual([])
  })
})

test('a callback is tried again 16 times, from a minute doubling to six hours, over days', () => {
  const waits = rewardWebhook.retryAfterMs
  expect(waits).toHaveLength(16)
  expect(waits.slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256].map((minutes) => minutes * minute))
  expect(new Set(waits.slice(9))).toEqual(new Set([360 * minute]))
  expect(waits.reduce((sum, wait) => sum + wait) / (24 * 60 * minute)).toBeGreaterThan(2)
})

test('a callback counts as received by status 200 and TEAKOK together', () => {
  const received = (status: number, body: string) => rewardWebhook.received({ status, body })
  expect([received(200, 'ok TEAKOK.'), received(200, 'ok'), received(201, 'TEAKOK'), received(500, 'TEAKOK')]).toEqual([
    true,
    false,
    false,
    false,
  ])
})

test('a signature is escaped once before it is put into the form', () => {
  const fields = { b: '2 & 3', a: '1' }
  const digest = createHmac('sha256', 'secret').update('POST\nhttps://game.example/reward\na=1&b=2 & 3').digest('base64')
  expect(signatureOf('https://game.example/reward', fields, 'secret')).toBe(
    digest.replaceAll('+', '%2B').replaceAll('/', '%2F').replaceAll('=', '%3D'),
  )
})
