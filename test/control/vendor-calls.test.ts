import { expect, test } from 'vitest'
import { echo } from '../support/echo.js'
import { aSandbox, post } from '../support/sandbox.js'

const anEcho = () => aSandbox({ roster: [echo], seedDocument: {} })

test("a vendor's own call reads the workspace it is asked in", async () => {
  const sandbox = await anEcho()
  await sandbox.ask('/@ci-7/echo/echo', post({ id: 'a b', text: 'hello' }))

  const reply = await sandbox.ask('/@ci-7/_sandbox/vendors/echo/notes/a%20b/text')

  expect([reply.status, reply.headers.get('content-type'), await reply.text()]).toEqual([200, 'text/plain', 'hello'])
})

test("a vendor's own call gets its checked body and its query", async () => {
  const sandbox = await anEcho()

  const reply = await sandbox.ask('/_sandbox/vendors/echo/shout?to=ann', post({ text: 'hey' }))

  expect(reply.status).toBe(202)
  expect(await reply.json()).toEqual({ text: 'HEY', to: 'ann', id: expect.any(String) })
})

test.each([
  ['POST', '/vendors/echo/shout', '{"text":""}', 422],
  ['POST', '/vendors/echo/shout', '{"text":"a","b":1}', 422],
  ['POST', '/vendors/echo/shout', 'text=a', 400],
  ['POST', '/vendors/echo/shout', undefined, 400],
  ['GET', '/vendors/echo/shout', undefined, 405],
  ['POST', '/vendors/echo/whisper', '{}', 404],
  ['POST', '/vendors/unknown/shout', '{"text":"a"}', 404],
])('%s %s %s is refused with %i', async (method, path, body, status) => {
  const sandbox = await anEcho()

  const reply = await sandbox.ask(`/_sandbox${path}`, { method, ...(body !== undefined && { body }) })

  expect(reply.status).toBe(status)
  expect(reply.headers.get('content-type')).toBe('application/problem+json')
})

test('a read in a workspace that does not exist is refused', async () => {
  const sandbox = await anEcho()

  const reply = await sandbox.ask('/@unknown/_sandbox/vendors/echo/notes/a/text')

  expect(reply.status).toBe(404)
  expect(await reply.json()).toMatchObject({ type: 'urn:coinslot:problem:unknown-workspace' })
})
