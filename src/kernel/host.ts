import { isIPv4, isIPv6 } from 'node:net'

/** A host name or address with the port that stood behind it. */
interface Host {
  /** Lower case, without the root's dot; an IPv6 address keeps its brackets. */
  name: string
  port?: number
}

/**
 * Parses a Host header, an authority or the host of an option: a DNS name, a dotted IPv4 address or an IPv6 address in brackets, then
 * optionally a colon and digits. Returns undefined for everything else, so that no two readers of a request see different hosts in it.
 */
export function parseHost(text: string): Host | undefined {
  const [, name, digits] = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(\d{1,5}))?$/i.exec(text) ?? []
  if (name === undefined || Number(digits ?? 0) > 65_535) return undefined
  const plain = name.startsWith('[') ? bracketed(name) : named(name)
  if (plain === undefined) return undefined
  return digits === undefined ? { name: plain } : { name: plain, port: Number(digits) }
}

/** Parses the host of an option, where an IPv6 address may stand without brackets. */
export function parseHostOption(text: string): Host | undefined {
  return parseHost(isIPv6(text) ? `[${text}]` : text)
}

/** Parses an Origin header to its host: a scheme, `://` and a host, with nothing behind it. `null` has none. */
export function parseOrigin(origin: string): Host | undefined {
  const [, authority] = /^[a-z][a-z0-9+.-]*:\/\/(.*)$/i.exec(origin) ?? []
  return authority === undefined ? undefined : parseHost(authority)
}

/** Splits an absolute request target into its authority and the rest; a target that begins with a path has no authority. */
export function splitTarget(target: string): { authority?: string; rest: string } {
  const [, authority, rest] = (!target.startsWith('/') && /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/is.exec(target)) || []
  return authority === undefined ? { rest: target } : { authority, rest: rest! }
}

/** A name that can stand as a DNS name in a certificate: lower case, without the root's dot. */
export function isDnsName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))
}

function bracketed(text: string): string | undefined {
  return isIPv6(text.slice(1, -1)) ? text.toLowerCase() : undefined
}

function named(text: string): string | undefined {
  const lower = text.toLowerCase()
  if (isIPv4(lower)) return lower
  const name = lower.endsWith('.') ? lower.slice(0, -1) : lower
  // URL parsers read a name whose last label is a number as an IPv4 address: 127.1, 0x7f.1, 2130706433.
  const isNumeric = /(^|\.)(\d+|0x[0-9a-f]*)$/.test(name)
  return !isNumeric && isDnsName(name) ? name : undefined
}
