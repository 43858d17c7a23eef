import { createCipheriv, createHash, randomBytes, randomUUID } from 'node:crypto'

/** The only source of randomness beside TLS keys and RSA padding, so that `--random-seed` makes a run repeatable. */
export interface Ids {
  bytes(size: number): Buffer
  /** Version 4. */
  uuid(): string
  /** Version 1 with the time of `now` and a random node, as Kakao's `logId`. */
  uuidV1(now: Date): string
  /** Decimal digits, the first one not zero. */
  digits(count: number): string
  /** 0 inclusive to 1 exclusive. */
  fraction(): number
}

/** Bytes that differ at each run, drawn from the system a few thousand at a time. */
export function randomSource(): ByteSource {
  let pool = Buffer.alloc(0)
  let at = 0
  return {
    bytes(size) {
      if (size > poolSize / 4) return randomBytes(size)
      if (at + size > pool.length) {
        pool = randomBytes(poolSize)
        at = 0
      }
      at += size
      return pool.subarray(at - size, at)
    },
    position: () => 0,
    uuid: randomUUID,
  }
}

const poolSize = 4_096

/** Source of the bytes of ids. `position` counts the bytes drawn, so that a restart continues at the same place. */
export interface ByteSource {
  bytes(size: number): Buffer
  position(): number
  /** Makes a version 4 UUID, if the source has a faster way than formatting bytes. */
  uuid?: () => string
}

/** The same bytes for the same seed and name, from any position: AES-256 in counter mode under a key made of both. */
export function seededSource(seed: string, name: string, position = 0): ByteSource {
  const key = createHash('sha256').update(`coinslot ids\0${seed}\0${name}`).digest()
  let at = position
  return {
    bytes(size) {
      const block = Math.floor(at / 16)
      const skip = at % 16
      const counter = Buffer.alloc(16)
      counter.writeBigUInt64BE(BigInt(block), 8)
      const bytes = createCipheriv('aes-256-ctr', key, counter).update(Buffer.alloc(skip + size))
      at += size
      return bytes.subarray(skip)
    },
    position: () => at,
  }
}

/** Ids over a source of bytes. */
export function idsFrom(source: Pick<ByteSource, 'bytes' | 'uuid'>): Ids {
  const bytes = (size: number) => source.bytes(size)
  return {
    bytes,
    uuid() {
      if (source.uuid) return source.uuid()
      const raw = bytes(16)
      raw[6] = (raw[6]! & 0x0f) | 0x40
      raw[8] = (raw[8]! & 0x3f) | 0x80
      return spell(raw)
    },
    uuidV1(now) {
      // 100 ns steps since the Gregorian reform, as RFC 9562 counts.
      const time = BigInt(now.getTime()) * 10_000n + 0x01b21dd213814000n
      const raw = bytes(16)
      raw.writeUInt32BE(Number(time & 0xffffffffn), 0)
      raw.writeUInt16BE(Number((time >> 32n) & 0xffffn), 4)
      raw.writeUInt16BE(Number((time >> 48n) & 0x0fffn) | 0x1000, 6)
      raw[8] = (raw[8]! & 0x3f) | 0x80
      raw[10] = raw[10]! | 0x01
      return spell(raw)
    },
    digits(count) {
      let text = ''
      for (const byte of bytes(count)) text += text ? byte % 10 : (byte % 9) + 1
      return text
    },
    fraction: () => bytes(6).readUIntBE(0, 6) / 2 ** 48,
  }
}

function spell(raw: Buffer): string {
  const hex = raw.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
