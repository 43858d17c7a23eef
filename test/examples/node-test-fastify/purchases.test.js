import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { createSandbox } from 'coinslot'
import { gameServer } from './server.js'

const app = { id: '103815', secret: '951b75bf17fe0885ab5106ba2a9f9bc9', adminKey: '11118035a320f23423585acae3ded1111' }
const order = { player: '123412341234', product: 'gem.10', price: 1200, orderId: 'GPA.3300-0000-0000-00001', purchaseToken: 'abc' }
let sandbox
let server

before(async () => {
  sandbox = await createSandbox({ memory: true, port: 0 })
  server = gameServer({ kakao: sandbox.urlFor('kakao'), app })
})
beforeEach(() => sandbox.reset())
after(async () => {
  await server.close()
  await sandbox.close()
})

test('an order is in Kakao’s purchase log', async () => {
  const answer = await server.inject({ method: 'POST', url: '/orders', payload: order })

  assert.equal(answer.statusCode, 201)
  const [log] = await sandbox.rows('kakao', 'purchaseLogs')
  assert.equal(log.logId, answer.json().logId)
  assert.deepEqual(log.warnings, []) // what the sandbox took, but the real service may not
})

test('while Kakao is down the player is told to come again', async () => {
  await sandbox.faults.add({ match: { vendor: 'kakao' }, effect: { kind: 'reply', name: 'service-unavailable' }, times: 1 })

  const down = await server.inject({ method: 'POST', url: '/orders', payload: order })
  const up = await server.inject({ method: 'POST', url: '/orders', payload: order })

  assert.deepEqual([down.statusCode, up.statusCode], [503, 201])
})

test('a wrong secret is found before the release', async () => {
  const wrong = gameServer({ kakao: sandbox.urlFor('kakao'), app: { ...app, secret: 'guess' } })

  const answer = await wrong.inject({ method: 'POST', url: '/orders', payload: order })

  assert.equal(answer.statusCode, 502)
  await sandbox.verify({ vendor: 'kakao', outcome: 'unauthenticated', times: 1 })
  await wrong.close()
})
