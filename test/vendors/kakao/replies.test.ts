import { expect, test } from 'vitest'
import type { Failure } from '../../../src/contract.js'
import type { Request } from '../../../src/kernel/request.js'
import { kakao } from '../../../src/vendors/kakao/index.js'

const request = {} as Request

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
  const reply = kakao.voice(failure, request)
  expect(reply.status).toBe(status)
  expect(Object.keys(JSON.parse(String(reply.body)) as object)).toEqual(['desc'])
  expect(String(reply.body)).not.toContain('bug')
})

test('named replies cover every status of the vendor’s tables', () => {
  const statuses = Object.values(kakao.replies).map(({ status }) => status)
  for (const status of [200, 400, 401, 404, 406, 461, 463, 500, 503]) expect(statuses).toContain(status)
  for (const { status, reply } of Object.values(kakao.replies)) expect(reply(request).status).toBe(status)
})

test('a body may take a second, as the vendor says', () => {
  expect(kakao.bodyTimeoutMs).toBe(1000)
})
