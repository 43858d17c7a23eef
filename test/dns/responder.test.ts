import { decode, encode, RECURSION_DESIRED, type DecodedPacket, type Packet } from 'dns-packet'
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { answerQuery, type Zone } from '../../src/dns/answer.js'
import { openDnsResponder } from '../../src/dns/responder.js'

const zone: Zone = { names: new Set(['api.gocarrot.com', 'devs.ouya.tv']), address: '192.168.1.5' }

test('a vendor name leads to the sandbox', () => {
  const reply = ask({ type: 'A', name: 'api.gocarrot.com' })

  expect(reply.rcode).toBe('NOERROR')
  expect(reply.answers).toMatchObject([{ type: 'A', name: 'api.gocarrot.com', ttl: 30, data: '192.168.1.5' }])
  expect([reply.id, reply.flag_qr, reply.flag_aa, reply.flag_rd]).toEqual([7, true, true, true])
})

test('names compare without case, and come back as they were asked for', () => {
  const reply = ask({ type: 'A', name: 'API.goCarrot.com' })

  expect(reply.answers).toMatchObject([{ name: 'API.goCarrot.com', data: '192.168.1.5' }])
  expect(reply.questions).toMatchObject([{ name: 'API.goCarrot.com' }])
})

test.each(['AAAA', 'HTTPS', 'TXT', 'MX'] as const)('a vendor name has no %s record, and is there all the same', (type) => {
  const reply = ask({ type: type as 'AAAA', name: 'api.gocarrot.com' })

  expect([reply.rcode, reply.answers?.length]).toEqual(['NOERROR', 0])
})

test('a sandbox on an IPv6 address is found by AAAA', () => {
  const six = { ...zone, address: 'fd00::5' }

  expect(ask({ type: 'AAAA', name: 'devs.ouya.tv' }, six).answers).toMatchObject([{ type: 'AAAA', data: 'fd00::5' }])
  expect(ask({ type: 'A', name: 'devs.ouya.tv' }, six).answers).toEqual([])
})

test.each(['example.com', 'gocarrot.com.evil.test', 'sub.api.gocarrot.com', 'localhost'])(
  '%s is refused, as nothing is forwarded',
  (name) => {
    const reply = ask({ type: 'A', name })

    expect([reply.rcode, reply.answers?.length, reply.flag_aa]).toEqual(['REFUSED', 0, false])
  },
)

test.each([
  ['another class', { questions: [{ type: 'A', name: 'api.gocarrot.com', class: 'CH' }] }],
  [
    'two questions',
    {
      questions: [
        { type: 'A', name: 'api.gocarrot.com' },
        { type: 'A', name: 'devs.ouya.tv' },
      ],
    },
  ],
] as [string, Packet][])('%s is refused', (_what, packet) => {
  expect(answerTo(encode({ type: 'query', id: 7, ...packet })).rcode).toBe('REFUSED')
})

test('a query with EDNS is answered with EDNS', () => {
  const packet = encode({
    type: 'query',
    questions: [{ type: 'A', name: 'api.gocarrot.com' }],
    additionals: [
      { type: 'OPT', name: '.', udpPayloadSize: 4096, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] },
    ],
  })

  expect(answerTo(packet).additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1232 }])
})

test('an answer is not answered', () => {
  const packet = encode({ type: 'response', questions: [{ type: 'A', name: 'api.gocarrot.com' }] })

  expect(answerQuery(packet, zone)).toBeUndefined()
})

test('any bytes at all are answered or ignored, and never with an address of a foreign name', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const answer = answerQuery(bytes, zone)
      return answer === undefined || (decode(answer).answers ?? []).every(({ name }) => zone.names.has(name.toLowerCase()))
    }),
    { numRuns: 2_000 },
  )
})

test('a query that was cut anywhere is ignored or refused', () => {
  const whole = queryFor({ type: 'A', name: 'api.gocarrot.com' })

  for (let length = 0; length < whole.length; length++) {
    const answer = answerQuery(whole.subarray(0, length), zone)
    expect(answer === undefined || decode(answer).answers?.length === 0).toBe(true)
  }
})

test('the system’s own resolver is answered over UDP', async () => {
  const { port } = await aResponder()
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  resolver.setServers([`127.0.0.1:${port}`])

  expect(await resolver.resolve4('api.gocarrot.com')).toEqual(['127.0.0.1'])
  await expect(resolver.resolve6('api.gocarrot.com')).rejects.toMatchObject({ code: 'ENODATA' })
  await expect(resolver.resolve4('example.com')).rejects.toMatchObject({ code: 'EREFUSED' })
})

test('noise does not stop it', async () => {
  const { port } = await aResponder()
  const client = createSocket('udp4')
  onTestFinished(() => void client.close())
  for (let size = 0; size < 40; size++) client.send(Buffer.alloc(size, 0xc0), port, '127.0.0.1')

  client.send(queryFor({ type: 'A', name: 'devs.ouya.tv' }), port, '127.0.0.1')
  const answers = await new Promise<DecodedPacket>((resolve) => {
    client.on('message', (packet) => {
      const reply = decode(packet)
      if (reply.answers?.length) resolve(reply)
    })
  })

  expect(answers.answers).toMatchObject([{ data: '127.0.0.1' }])
})

test('bound to all addresses, each answers with itself', async () => {
  const responder = await aResponder('0.0.0.0')
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  resolver.setServers([`127.0.0.1:${responder.port}`])

  expect(responder.addresses).toContain('127.0.0.1')
  expect(await resolver.resolve4('devs.ouya.tv')).toEqual(['127.0.0.1'])
})

async function aResponder(host = '127.0.0.1') {
  const responder = await openDnsResponder({ names: zone.names, host, port: 0 })
  onTestFinished(() => responder.close())
  return responder
}

/** The published types leave the reply code out. */
type Reply = DecodedPacket & { rcode?: string }

interface Asked {
  type: 'A' | 'AAAA'
  name: string
}

function queryFor(question: Asked): Buffer {
  return encode({ type: 'query', id: 7, flags: RECURSION_DESIRED, questions: [question] })
}

function ask(question: Asked, of = zone): Reply {
  return answerTo(queryFor(question), of)
}

function answerTo(packet: Uint8Array, of = zone): Reply {
  return decode(answerQuery(packet, of)!)
}
