import type { Secrets } from '../../contract.js'
import type { JsonObject } from '../../kernel/table.js'
import { queryFields, replyHeader, replyHeaders, requestHeaders } from '../../traffic/matching/fields.js'
import { parsedBody } from '../../traffic/parsed-body.js'
import type { Entry } from '../../traffic/traffic.js'

/** The parts of a vendor that say what is secret. */
export interface SecretKeeper {
  id: string
  secrets?: Secrets | undefined
}

/**
 * Secret values of a workspace, found by the names that the vendors declare, each with the text that stands in its place. Values that a
 * vendor distinguishes, such as the keys of two games, stay different: `<redacted>`, `<redacted 2>` …
 */
export class SecretValues {
  readonly #places = new Map<string, string>()
  readonly #counts = new Map<string, number>()
  /** Those in rows. */
  readonly #stored = new Set<string>()
  /** Names behind which a secret stood. */
  readonly #names = new Set<string>()

  /** Adds the secrets in the rows of one table. */
  addRows({ id, secrets }: SecretKeeper, table: string, rows: readonly JsonObject[]): void {
    for (const row of rows)
      for (const member of secretMembers(secrets, table))
        for (const value of stringsIn(row[member])) {
          this.#stored.add(value)
          this.#add(`${id} ${member}`, member, value)
        }
  }

  /** Adds the secrets in a request and its reply: headers, query, and members of the bodies at any depth. */
  addEntry(names: ReadonlySet<string>, { vendor, head, query, body, reply, revealed }: Entry): void {
    const headers = requestHeaders(head.rawHeaders)
    const sent = parsedBody(body, String(headers['content-type'] ?? ''), { keepsDigits: true })
    for (const message of [headers, queryFields(query), sent, revealed]) this.addMessage(names, message, vendor)
    if (!reply) return
    const bytes = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body
    this.addMessage(names, replyHeaders(reply), vendor)
    this.addMessage(withoutHeaders(names), parsedBody(bytes, replyHeader(reply, 'content-type'), { keepsDigits: true }), vendor)
  }

  /** Adds the secrets in a JSON value, at any depth. */
  addMessage(names: ReadonlySet<string>, message: unknown, vendor: string | null = null): void {
    for (const [name, value] of membersNamed(names, message)) this.#add(`${vendor ?? ''} ${name}`, name, credentialOf(name, value))
  }

  /** Returns what stands in the place of a value behind a secret's name. The scheme of an authorization stays. */
  hide(name: string, value: string): string {
    const secret = credentialOf(name, value)
    if (secret === '' || isRedacted(secret)) return value
    return schemeOf(name, value) + (this.#places.get(secret) ?? redacted())
  }

  /** Returns a function that replaces each secret in a text, also where it is escaped as in JSON or a URL. */
  replacer(): (text: string) => string {
    const words = new Map<string, string>()
    const weak = new Map<string, string>()
    const others = new Map<string, string>()
    for (const [value, place] of this.#places) {
      if (this.#isWeak(value)) weak.set(value.toLowerCase(), place)
      else if (isWord.test(value)) words.set(value, place)
      else for (const form of [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value.toWellFormed())]) others.set(form, place)
    }
    const replaceOthers = replacerOf(others)
    const members = memberForm([...this.#names])
    return (text) => {
      let replaced = replaceOthers(text.includes('PRIVATE KEY') ? text.replaceAll(privateKey, redacted()) : text)
      if (weak.size > 0)
        replaced = replaced.replaceAll(members, (all, before: string, value: string) => {
          const place = weak.get(value.toLowerCase())
          return place === undefined ? all : before + place
        })
      return words.size === 0 ? replaced : replaced.replaceAll(/[\w-]+/g, (word) => words.get(word) ?? word)
    }
  }

  /** True for a value that may stand elsewhere by chance, such as the password "password" or the wrong tokens "invalid" and 12345. It is replaced behind its name alone. */
  #isWeak(value: string): boolean {
    return (
      value.length < shortestWord ||
      this.#names.has(value.toLowerCase()) ||
      (!this.#stored.has(value) && /^(?:[a-z]+|\d{1,5})$/.test(value))
    )
  }

  #add(kind: string, name: string, value: string): void {
    this.#names.add(name.toLowerCase())
    if (value === '' || isRedacted(value) || this.#places.has(value)) return
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    this.#places.set(value, redacted(count))
  }
}

/** Returns a row of a session with a private key in the place of each redacted one. */
export function withKeys({ secrets }: SecretKeeper, table: string, row: JsonObject, privateKeyPem: string): JsonObject {
  const copy = { ...row }
  for (const member of membersOf(secrets?.privateKeys, table))
    if (typeof copy[member] === 'string' && isRedacted(copy[member])) copy[member] = privateKeyPem
  return copy
}

/** Returns the members of the rows of a table that hold secrets. */
export function secretMembers(secrets: Secrets | undefined, table: string): string[] {
  return membersOf([...(secrets?.rows ?? []), ...(secrets?.privateKeys ?? [])], table)
}

/** Members of one table among names such as `games.secretKey`. */
function membersOf(names: readonly string[] | undefined, table: string): string[] {
  return names?.filter((name) => name.startsWith(`${table}.`)).map((name) => name.slice(table.length + 1)) ?? []
}

const isWord = /^[\w-]+$/
/** As in a PEM file, or as such a file in a JSON string. */
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----(?:\\n|\s)?/g

/** Shorter values stand in other texts by chance. */
const shortestWord = 4

/** Returns a function that replaces the keys of a map in a text, the longest that fits at each place. How many there are costs no time. */
function replacerOf(places: ReadonlyMap<string, string>): (text: string) => string {
  if (places.size === 0) return (text) => text
  const lengthsOf = new Map<string, number[]>()
  for (const form of [...places.keys()].sort((a, b) => b.length - a.length)) {
    const start = form.slice(0, shortestWord)
    const lengths = lengthsOf.get(start)
    if (!lengths) lengthsOf.set(start, [form.length])
    else if (lengths.at(-1) !== form.length) lengths.push(form.length)
  }
  return (text) => {
    let replaced = ''
    let copied = 0
    for (let at = 0; at < text.length; at++) {
      const length = lengthsOf.get(text.slice(at, at + shortestWord))?.find((one) => places.has(text.slice(at, at + one)))
      if (length === undefined) continue
      replaced += text.slice(copied, at) + places.get(text.slice(at, at + length))!
      copied = at + length
      at = copied - 1
    }
    return replaced + text.slice(copied)
  }
}

/** Finds a value behind one of the names: `"name":"value"`, also escaped, or `name=value`. */
function memberForm(names: readonly string[]): RegExp {
  const anyName = names.map((text) => text.replaceAll(/[$()*+.?[\\\]^{|}-]/g, String.raw`\$&`)).join('|')
  return new RegExp(String.raw`(\b(?:${anyName})(?:\\*"\s*:\s*\\*"|=))([^\s"&\\]+)`, 'gi')
}

function* membersNamed(names: ReadonlySet<string>, value: unknown): Generator<[string, string]> {
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    if (names.has(plainName(name))) for (const text of stringsIn(member)) yield [plainName(name), text]
    yield* membersNamed(names, member)
  }
}

/** Returns a name as it is declared: lower case, without the brackets of a list such as `secret_key[]`. */
export function plainName(name: string): string {
  return name.replace(/\[.*$/s, '').trim().toLowerCase()
}

function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === 'string' || typeof value === 'number') yield String(value)
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) yield* stringsIn(one)
}

/** Returns the credential of "Bearer abc", so that it is recognised where it stands alone; every other value as it is. */
function credentialOf(name: string, value: string): string {
  return authorizations.has(name) ? value.slice(schemeOf(name, value).length).trim() : value
}

function schemeOf(name: string, value: string): string {
  return authorizations.has(name) ? (/^\s*[\w-]+\s+/.exec(value)?.[0] ?? '') : ''
}

/** Returns the lower-case names behind which secrets stand in messages to a vendor, or to any vendor where it is not known to which. */
export function secretNames(vendors: readonly SecretKeeper[], id?: string | null): ReadonlySet<string> {
  const own = vendors.filter((vendor) => vendor.id === id)
  const declared = (own.length > 0 ? own : vendors).flatMap(({ secrets }) => secrets?.messages ?? [])
  return new Set([...always, ...declared].map((name) => name.toLowerCase()))
}

/** Headers that hold credentials for every vendor. */
const always: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie'])

/** Names without those of such headers. */
export function withoutHeaders(names: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...names].filter((name) => !always.has(name)))
}

const authorizations = new Set(['authorization', 'proxy-authorization'])

/** Text in the place of a secret in a session file. Different secrets of one kind stay different. */
export function redacted(number = 1): string {
  return number === 1 ? '<redacted>' : `<redacted ${number}>`
}

/** True for a text that stands in the place of a secret.  */
function isRedacted(text: string): boolean {
  return /^<redacted(?: \d+)?>$/.test(text)
}
