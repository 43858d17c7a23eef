import { PassThrough } from 'node:stream'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { connectionGate } from '../../src/http/sockets/connection-gate.js'
import { roomForConnections } from '../../src/http/sockets/open-files.js'

/** A connection that keeps what is written to it. */
function aSocket(): Socket & { text: () => string } {
  const stream = new PassThrough()
  let text = ''
  stream.on('data', (part: Buffer) => (text += part.toString()))
  return Object.assign(stream as unknown as Socket, { text: () => text })
}

async function refusalOf(gate: ReturnType<typeof connectionGate>): Promise<string> {
  const socket = aSocket()
  expect(gate.admit(socket)).toBe(false)
  await new Promise((resume) => setImmediate(resume))
  return socket.text()
}

test('one connection more than the limit is told so, and gets in when another leaves', async () => {
  const gate = connectionGate(2)
  const [first, second] = [aSocket(), aSocket()]
  expect([gate.admit(first), gate.admit(second)]).toEqual([true, true])

  expect(await refusalOf(gate)).toMatch(/^HTTP\/1\.1 503 [^]*More than 2 are open; close some or raise --connection-limit\./)

  first.emit('close')
  expect(gate.admit(aSocket())).toBe(true)
})

test('where the system grants few open files, connections leave some of them to the sandbox, and the refusal says why', async () => {
  const gate = connectionGate(12_000, 64)
  for (let number = 0; number < 32; number++) expect(gate.admit(aSocket())).toBe(true)

  expect(await refusalOf(gate)).toContain('let the system grant more than 64 open files (ulimit -n)')
})

test.each([
  [2, 1],
  [64, 32],
  [1_024, 896],
  [20_000, 19_872],
  [Infinity, Infinity],
])('of %d open files %d may be connections', (files, room) => {
  expect(roomForConnections(files)).toBe(room)
})

test('a crowd that is refused does not hold what the limit saves', async () => {
  const gate = connectionGate(1)
  gate.admit(aSocket())
  const crowd = Array.from({ length: 40 }, aSocket)
  for (const socket of crowd) gate.admit(socket)

  expect(crowd.filter(({ destroyed }) => destroyed)).toHaveLength(8)
})
