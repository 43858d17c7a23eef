import { isIP } from 'node:net'
import { childrenOf, constructed, context, derOf, isContext, Malformed, readElement, tag, type Element } from './asn1.js'
import { forge } from './forge.js'

/** Names that certificates below an authority may carry, or may not. */
export interface NameConstraints {
  permitted?: NameSubtrees
  excluded?: NameSubtrees
}

/** DNS names (each stands for itself and all names below it) and address ranges in CIDR form, `127.0.0.0/8` or `::/0`. */
export interface NameSubtrees {
  dns?: readonly string[]
  ip?: readonly string[]
}

/** The DER value of the nameConstraints extension (RFC 5280 section 4.2.1.10), as the Latin-1 text that forge takes. */
export function nameConstraintsDer({ permitted, excluded }: NameConstraints): string {
  const parts = [permitted && subtrees(0, permitted), excluded && subtrees(1, excluded)].filter((part) => part !== undefined)
  if (parts.length === 0) throw new RangeError('name constraints need at least one permitted or excluded name or range')
  return derOf(constructed(tag.SEQUENCE, parts)).toString('latin1')
}

/**
 * The names that a certificate permits below itself, as they were written; undefined when it permits all.
 *
 * @throws Malformed when its extension cannot be read
 */
export function permittedIn(certificate: string): Required<NameSubtrees> | undefined {
  const extension = forge()
    .pki.certificateFromPem(certificate)
    .getExtension({ id: '2.5.29.30' } as never) as { value: string } | null
  if (!extension) return undefined
  const permitted = childrenOf(readElement(extension.value), 'the name constraints').find((part) => isContext(part, 0))
  if (!permitted) return undefined
  const bases = childrenOf(permitted, 'the permitted names').map((subtree) => childrenOf(subtree, 'a permitted name')[0])
  return {
    dns: bases.filter((base) => isContext(base, 2)).map((base) => bytesOf(base)),
    ip: bases.filter((base) => isContext(base, 7)).map((base) => rangeOf(Buffer.from(bytesOf(base), 'latin1'))),
  }
}

function bytesOf(element: Element): string {
  if (typeof element.value !== 'string') throw new Malformed('a permitted name is constructed')
  return element.value
}

function rangeOf(bytes: Buffer): string {
  const half = bytes.length / 2
  const mask = bytes.subarray(half)
  const prefix = [...mask].reduce((bits, byte) => bits + byte.toString(2).replaceAll('0', '').length, 0)
  return `${addressBytes().bytesToIP(bytes.subarray(0, half).toString('latin1'))}/${prefix}`
}

function subtrees(number: number, { dns = [], ip = [] }: NameSubtrees): Element | undefined {
  const names = [...dns.map((name) => context(2, name)), ...ip.map((range) => context(7, addressAndMask(range)))]
  if (names.length === 0) return undefined
  return context(
    number,
    names.map((name) => constructed(tag.SEQUENCE, [name])),
  )
}

// Part of node-forge, but missing in its published types.
interface AddressBytes {
  bytesFromIP: (address: string) => string
  bytesToIP: (bytes: string) => string
}

function addressBytes(): AddressBytes {
  return forge().util as unknown as AddressBytes
}

function addressAndMask(range: string): string {
  const [address = '', prefixText = ''] = range.split('/')
  const version = isIP(address)
  const bits = version === 6 ? 128 : 32
  const prefix = Number(prefixText)
  if (version === 0 || prefixText === '' || !Number.isInteger(prefix) || prefix < 0 || prefix > bits) {
    throw new RangeError(`${range} is not an address range such as 127.0.0.0/8 or ::1/128`)
  }
  const mask = Array.from({ length: bits / 8 }, (_, index) => (0xff00 >> Math.min(8, Math.max(0, prefix - index * 8))) & 0xff)
  return addressBytes().bytesFromIP(address) + String.fromCharCode(...mask)
}
