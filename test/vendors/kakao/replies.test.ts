import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Failure } from '../../../src/contract.js'
import type { Request } from '../../../src/kernel/request.js'
import { kakao } from '../../../src/vendors/kakao/index.js'
import { aSandbox } from '../../support/sandbox.js'
import { told } from './requests.js'

const request = { path: '/service/v3/log/writePurchaseLog' } as Request

test.each<[Failure, number]>([
  [{ kind: 'not-found' }, 404],
  [{ kind: 'method-not-allowed', allow: ['POST'] }, 404],
  [{ kind: 'body-too-large', limitBytes: 1 }, 413],
  [{ kind: 'uri-too-long', limitBytes: 1 }, 414],
  [{ kind: 'body-stalled' }, 400],
  [{ kind: 'storage-full', detail: 'full' }, 503],
  [{ kind: 'unavailable', detail: 'away' }, 503],
  [{ kind: 'failed', error: new Error('bug') }, 500],
])('%j is %i with a desc and nothing else', (failure, status) => {
  const reply = kakao.failureReply(failure, request)
  expect(reply.status).toBe(status)
  expect(Object.keys(JSON.parse(String(reply.body)) as object)).toEqual(['desc'])
  expect(String(reply.body)).not.toContain('bug')
})

test('named replies cover every status of the vendor’s tables', () => {
  const statuses = Object.values(kakao.replies).map(({ status }) => status)
  for (const status of [200, 400, 401, 404, 406, 461, 463, 500, 503]) expect(statuses).toContain(status)
  for (const { status, reply } of Object.values(kakao.replies)) expect(reply(request).status).toBe(status)
})

test('a body that does not come within a second is refused, in the middle of it as well', async () => {
  const sandbox = await aSandbox()
  const server = createServer(sandbox.listener())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write(
    `POST /kakao/service/v3/log/writePurchaseLog HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
  )

  const [head] = (await once(socket, 'data')) as [Buffer]

  expect(head.toString()).toMatch(/^HTTP\/1\.1 400 /)
  expect(head.toString()).toContain('{"desc":')
  expect(await told(sandbox)).toMatchObject({ outcome: 'stalled', explanation: expect.stringContaining('1000 ms') })
})
