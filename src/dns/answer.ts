import { decode, encode, type DecodedPacket as TypedPacket, type OptAnswer, type Question } from 'dns-packet'
import { isIP } from 'node:net'

/** The published types leave out what the first header bits say. */
type DecodedPacket = TypedPacket & { opcode?: string }

/** The names a responder knows, lower case, and the one address all of them lead to. */
export interface Zone {
  names: ReadonlySet<string>
  address: string
}

/**
 * Returns the answer to a DNS query, undefined for anything else. A known name leads to the sandbox. For other record types of it the
 * answer is empty, because a device drops the whole name after NXDOMAIN. Every other name is refused, because nothing is forwarded.
 */
export function answerQuery(packet: Uint8Array, { names, address }: Zone): Buffer | undefined {
  const query = read(packet)
  // Only queries: two responders that answered answers would never stop.
  if (!query || query.type !== 'query') return undefined
  const [question, ...more] = query.questions ?? []
  if (!question) return undefined
  const isKnown = more.length === 0 && query.opcode === 'QUERY' && question.class === 'IN' && names.has(question.name.toLowerCase())
  return reply(query, { question, refused: !isKnown, address: isKnown && question.type === typeOf(address) ? address : undefined })
}

interface Finding {
  question: Question
  refused: boolean
  address: string | undefined
}

function reply(query: DecodedPacket, { question, refused, address }: Finding): Buffer {
  const asksEdns = query.additionals?.some(({ type }) => type === 'OPT') ?? false
  const wantsRecursion = query.flag_rd ? recursionDesired : 0
  return encode({
    type: 'response',
    id: query.id ?? 0,
    // The lowest four bits of the flags are the reply code.
    flags: refused ? refusedCode | wantsRecursion : authoritative | wantsRecursion,
    questions: query.questions ?? [],
    answers: address === undefined ? [] : [{ type: typeOf(address), name: question.name, class: 'IN', ttl: ttlSeconds, data: address }],
    additionals: asksEdns ? [edns] : [],
  })
}

function read(packet: Uint8Array): DecodedPacket | undefined {
  try {
    return decode(Buffer.from(packet))
  } catch {
    return undefined
  }
}

function typeOf(address: string): 'A' | 'AAAA' {
  return isIP(address) === 6 ? 'AAAA' : 'A'
}

/** Short, so that a device finds the real service again soon after. */
const ttlSeconds = 30
const refusedCode = 5
const authoritative = 1 << 10
const recursionDesired = 1 << 8

// The size that RFC 9715 recommends for UDP.
const edns: OptAnswer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
}
