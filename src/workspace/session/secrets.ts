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
  addEntry({ id, secrets }: SecretKeeper, { head, query, body, reply, revealed }: Entry): void {
    const names = new Set([...always, ...(secrets?.messages ?? [])].map((name) => name.toLowerCase()))
    const headers = requestHeaders(head.rawHeaders)
    const messages: unknown[] = [headers, queryFields(query), parsedBody(body, String(headers['content-type'] ?? '')), revealed]
    if (reply) {
      const bytes = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body
      messages.push(replyHeaders(reply), parsedBody(bytes, replyHeader(reply, 'content-type')))
    }
    for (const message of messages)
      for (const [name, value] of membersNamed(names, message)) {
        // Of "Bearer abc" the credential, so that it is recognised where it stands alone.
        const text = authorizations.has(name) ? value.replace(/^\s*[\w-]+\s+/, '').trim() : value
        this.#add(`${id} ${name}`, name, text)
      }
  }

  /** Returns a row with its own secrets replaced. */
  row({ secrets }: SecretKeeper, table: string, row: JsonObject): JsonObject {
    const copy = { ...row }
    for (const member of secretMembers(secrets, table))
      if (Object.hasOwn(copy, member)) copy[member] = mapStrings(copy[member], (text) => this.#places.get(text) ?? text)
    return copy
  }

  /** Returns a function that replaces each secret in a text, also where it is escaped as in JSON or a URL. */
  replacer(): (text: string) => string {
    const words = new Map<string, string>()
    const others: [string | RegExp, string][] = []
    for (const [value, place] of this.#places) {
      if (this.#isWeak(value)) for (const name of this.#names) others.push([memberForm(name, value), `$1${place}`])
      else if (isWord.test(value)) words.set(value, place)
      else for (const form of new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])) others.push([form, place])
    }
    // The longest first, as one may be part of another.
    others.sort(([a], [b]) => String(b).length - String(a).length)
    return (text) => {
      let replaced = text.includes('PRIVATE KEY') ? text.replaceAll(privateKey, redacted()) : text
      for (const [value, place] of others)
        if (typeof value !== 'string' || replaced.includes(value)) replaced = replaced.replaceAll(value, place)
      return words.size === 0 ? replaced : replaced.replaceAll(/[\w-]+/g, (word) => words.get(word) ?? word)
    }
  }

  /** True for a value that may stand elsewhere by chance, such as the password "password" or the wrong token "invalid". It is replaced behind its name alone. */
  #isWeak(value: string): boolean {
    return value.length < shortestWord || this.#names.has(value.toLowerCase()) || (!this.#stored.has(value) && /^[a-z]+$/.test(value))
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

function secretMembers(secrets: Secrets | undefined, table: string): string[] {
  return membersOf([...(secrets?.rows ?? []), ...(secrets?.privateKeys ?? [])], table)
}

/** Members of one table among names such as `games.secretKey`. */
function membersOf(names: readonly string[] | undefined, table: string): string[] {
  return names?.filter((name) => name.startsWith(`${table}.`)).map((name) => name.slice(table.length + 1)) ?? []
}

/** Returns a copy of a JSON value with every string, names included, passed through a function; words of the sandbox stay. */
export function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value)
  if (Array.isArray(value)) return value.map((one: unknown) => mapStrings(one, map))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [map(name), ownWords.has(name) ? member : mapStrings(member, map)]),
  )
}

/** Members whose values are words of the sandbox, which a client's wrong credential may equal by chance. */
const ownWords = new Set(['vendor', 'route', 'outcome', 'verdict', 'kind', 'status', 'format'])

/** Headers that hold credentials for every vendor. */
const always = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie']
const authorizations = new Set(['authorization', 'proxy-authorization'])
const isWord = /^[\w-]+$/
/** As in a PEM file, or as such a file in a JSON string. */
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----(?:\\n|\s)?/g

/** Shorter values stand in other texts by chance. */
const shortestWord = 4

/** Finds a value behind its name: `"name":"value"`, also escaped, or `name=value`. */
function memberForm(name: string, value: string): RegExp {
  const [where, what] = [name, value].map((text) => text.replaceAll(/[$()*+.?[\\\]^{|}-]/g, String.raw`\$&`))
  return new RegExp(String.raw`(\b${where}(?:\\*"\s*:\s*\\*"|=))${what}(?![\w-])`, 'gi')
}

function* membersNamed(names: ReadonlySet<string>, value: unknown): Generator<[string, string]> {
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    if (names.has(name.toLowerCase())) for (const text of stringsIn(member)) yield [name.toLowerCase(), text]
    yield* membersNamed(names, member)
  }
}

function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) yield* stringsIn(one)
}

/** Text in the place of a secret in a session file. Different secrets of one kind stay different. */
function redacted(number = 1): string {
  return number === 1 ? '<redacted>' : `<redacted ${number}>`
}

/** True for a text that stands in the place of a secret.  */
function isRedacted(text: string): boolean {
  return /^<redacted(?: \d+)?>$/.test(text)
}
