import { expect, test } from 'vitest'
import { aSandbox, post } from '../support/sandbox.js'

const origin = 'https://game.example'
const asks = { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type' }

test('with --cors a page of another origin may call a vendor and read the reply', async () => {
  const sandbox = await aSandbox({ cors: true })

  const may = await sandbox.ask('/teak/v2/purchase', { method: 'OPTIONS', headers: asks })
  const reply = await sandbox.ask('/teak/v2/purchase', post({}, { Origin: origin }))

  expect(may.status).toBe(204)
  expect(may.headers.get('access-control-allow-origin')).toBe(origin)
  expect(may.headers.get('access-control-allow-headers')).toBe('content-type')
  expect(reply.status).toBe(404)
  expect(reply.headers.get('access-control-allow-origin')).toBe(origin)
})

test('without --cors the vendor answers as it would', async () => {
  const sandbox = await aSandbox()

  const may = await sandbox.ask('/teak/v2/purchase', { method: 'OPTIONS', headers: asks })

  expect(may.status).toBe(404)
  expect(may.headers.get('access-control-allow-origin')).toBeNull()
})

test('the control API never lets another origin read it', async () => {
  const sandbox = await aSandbox({ cors: true })

  const reply = await sandbox.ask('/_sandbox/health', { headers: { Origin: origin } })

  expect(reply.status).toBe(403)
  expect(reply.headers.get('access-control-allow-origin')).toBeNull()
})

test('a browser that opens the bare address is shown the inspector', async () => {
  const sandbox = await aSandbox()

  const reply = await sandbox.ask('/', { headers: { Accept: 'text/html,*/*' } })

  expect(reply.status).toBe(302)
  expect(reply.headers.get('location')).toBe('/_sandbox/')
})
