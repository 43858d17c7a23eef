import { InternalError, Problem } from '../../kernel/problem.js'

/** Address of a shared store, read from its URL. */
export interface Address {
  host: string
  port: number
  username?: string
  password?: string
  /** Number of the database. */
  database: number
  encrypted: boolean
  /** Prefix of every key, so that several sandboxes can share one Redis. */
  prefix: string
  /** The URL without its password, for messages. */
  shown: string
}

/**
 * Reads `redis://user:password@host:port/database?prefix=name`; `rediss` is the same over TLS.
 *
 * @throws Problem if the URL is invalid
 */
export function readAddress(text: string): Address {
  if (!URL.canParse(text)) throw refuse(`"${text}" is not a URL.`)
  const url = new URL(text)
  const shown = `${url.protocol}//${url.host}${url.pathname}`
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    throw refuse(`"${shown}" begins with ${url.protocol}, not redis: or rediss:.`)
  const path = url.pathname.slice(1)
  if (!/^\d{0,3}$/.test(path)) throw refuse(`"${path}" in ${shown} is not the number of a database.`)
  for (const name of url.searchParams.keys()) {
    if (name !== 'prefix') throw refuse(`${shown} has a parameter "${name}"; there is only "prefix".`)
  }
  const prefix = url.searchParams.get('prefix') ?? 'coinslot'
  if (!/^[\w.-]{1,64}$/.test(prefix)) throw refuse(`"${prefix}" cannot begin keys: use letters, digits, ".", "-" and "_".`)
  const { username, password } = url
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1') || '127.0.0.1',
    port: url.port === '' ? 6379 : Number(url.port),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    database: Number(path),
    encrypted: url.protocol === 'rediss:',
    prefix,
    shown,
  }
}

function refuse(what: string): Problem {
  return new InternalError({
    type: 'store-address',
    title: 'The address of the store is wrong.',
    detail: `${what} Pass --store redis://127.0.0.1:6379/0 or the like.`,
  })
}
