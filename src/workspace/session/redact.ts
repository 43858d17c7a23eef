import { visit } from 'jsonc-parser'
import { mediaTypeOf, readJson } from '../../kernel/body.js'
import { parsedBody } from '../../traffic/parsed-body.js'
import { bytesFromFile, type BytesInFile, type EntryInFile } from './document.js'
import { plainName, redacted, withoutHeaders, type SecretValues } from './secrets.js'

/** Secrets to replace in one part of a session: values that are known to be secret, and whatever stands behind the names of secrets. */
export interface Redaction {
  secrets: SecretValues
  names: ReadonlySet<string>
  /** The names without those of headers, which in the body of a reply are about a header. */
  declared: ReadonlySet<string>
  replace: (text: string) => string
  /** Finds a name in a text that nothing can read. */
  mention: RegExp
  /** Finds a name that a vendor declares with a value behind it that was not replaced. */
  leak: RegExp
}

/** Returns a way to make redactions that share the known values. */
export function redactions(secrets: SecretValues): (names: ReadonlySet<string>) => Redaction {
  const replace = secrets.replacer()
  const made = new Map<string, Redaction>()
  return (names) => {
    const key = [...names].join()
    const known = made.get(key)
    if (known) return known
    const declared = withoutHeaders(names)
    const [anyName, declaredName] = [names, declared].map(
      (some) => String.raw`(?<![\w-])(?:${[...some].map((name) => name.replaceAll(/[^\w-]/g, String.raw`\$&`)).join('|') || '(?!)'})`,
    )
    const value = String.raw`(?![\s"'\\[]*(?:<redacted(?: \d+)?>|null\b|true\b|false\b|$|[&,}\]]))(?!\\*"\\*")`
    const redaction = {
      secrets,
      names,
      declared,
      replace,
      mention: new RegExp(String.raw`${anyName}(?![\w-])`, 'i'),
      // Brackets end at the next one, and `value` alone passes over blanks: anything else takes quadratic time.
      leak: new RegExp(String.raw`${declaredName}(?:\[[^[\]=]*\])*(?:\\*["']\s*:|=)${value}`, 'i'),
    }
    made.set(key, redaction)
    return redaction
  }
}

/** Returns a copy of a JSON value without secrets; `name` is that of a secret that it stands behind. Words of the sandbox stay. */
export function redactValue(value: unknown, redaction: Redaction, name?: string): unknown {
  if (name !== undefined && (typeof value === 'string' || typeof value === 'number')) return redaction.secrets.hide(name, String(value))
  if (typeof value === 'string') return redactText(value, redaction)
  if (Array.isArray(value)) return value.map((one) => redactValue(one, redaction, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([member, one]) => {
      const plain = plainName(member)
      const isOwn = name === undefined && ownWords.has(member)
      return [redaction.replace(member), isOwn ? one : redactValue(one, redaction, redaction.names.has(plain) ? plain : name)]
    }),
  )
}

/** Returns an entry without secrets. A body in which secrets cannot be separated from the rest is left out as a whole. */
export function redactEntry(entry: EntryInFile, redaction: Redaction): EntryInFile {
  const { names, secrets } = redaction
  const { head, query, reply } = entry
  const body = redactBody(entry.body, head.headers['content-type'], redaction)
  const isOut = body !== entry.body && 'utf8' in body && body.utf8 === redacted()
  const rest = isOut
    ? { ...redaction, replace: (text: string) => redaction.replace(text.replaceAll(snippet, `, ${redacted()}`)) }
    : redaction
  const mark = head.target.indexOf('?') + 1
  const target = mark === 0 ? head.target : head.target.slice(0, mark)
  return {
    ...(redactValue(entry, rest) as EntryInFile),
    head: {
      ...(redactValue(head, redaction) as EntryInFile['head']),
      target: redactText(target, redaction) + (mark === 0 ? '' : redactPairs(head.target.slice(mark), redaction)),
      rawHeaders: head.rawHeaders.map((text, at, raw) => {
        const name = at % 2 === 0 ? '' : plainName(raw[at - 1]!)
        return names.has(name) ? secrets.hide(name, text) : redactText(text, redaction)
      }),
    },
    query: redactPairs(query, redaction),
    body,
    reply: reply && {
      ...(redactValue(reply, redaction) as typeof reply),
      body: redactBody(reply.body, typeOf(reply.headers), { ...rest, names: redaction.declared }),
    },
    expected: entry.expected.map(({ got, ...one }) => {
      const name = isOut
        ? ''
        : one.pointer
            .split('/')
            .map(plainName)
            .find((part) => names.has(part))
      return { ...(redactValue(one, rest) as typeof one), ...(got !== undefined && { got: redactValue(got, rest, name) }) }
    }),
  }
}

function redactBody(body: BytesInFile, type: string | string[] | undefined, redaction: Redaction): BytesInFile {
  const contentType = type === undefined ? undefined : String(type)
  const bytes = bytesFromFile(body)
  if (bytes.length === 0) return body
  if (!('utf8' in body)) return { utf8: redacted() }
  const isForm = mediaTypeOf(contentType) === 'application/x-www-form-urlencoded' && !/^\s*[[{]/.test(body.utf8)
  if (!isForm && readJson(withoutMark(body.utf8)).ok) return { utf8: redactJson(body.utf8, redaction) }
  if (parsedBody(bytes, contentType) === null && redaction.mention.test(decoded(body.utf8))) return { utf8: redacted() }
  return { utf8: isForm ? redactPairs(body.utf8, redaction) : redactText(body.utf8, redaction) }
}

/** Replaces secrets in JSON, which stays JSON: a text stands in the place of a number. What is beside them stays as it was written. */
function redactJson(text: string, redaction: Redaction): string {
  const { names, secrets, replace } = redaction
  const parts: string[] = []
  let copied = 0
  const put = (at: number, length: number, shown: string) => {
    parts.push(text.slice(copied, at), JSON.stringify(shown))
    copied = at + length
  }
  const around: (string | undefined)[] = []
  let name: string | undefined
  visit(withoutMark(text), {
    onObjectBegin: () => void around.push(name),
    onObjectEnd: () => void (name = around.pop()),
    onObjectProperty(member, at, length) {
      const plain = plainName(member)
      name = names.has(plain) ? plain : around.at(-1)
      if (replace(member) !== member) put(at, length, replace(member))
    },
    onLiteralValue(value: unknown, at, length) {
      if (typeof value !== 'string' && typeof value !== 'number') return
      const sent = typeof value === 'string' ? value : text.slice(at, at + length)
      const shown = name !== undefined ? secrets.hide(name, sent) : typeof value === 'string' ? redactText(sent, redaction) : replace(sent)
      if (shown !== sent) put(at, length, shown)
    },
  })
  return parts.join('') + text.slice(copied)
}

/** A text with a blank in the place of its byte order mark. */
function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, ' ')
}

/** Replaces secrets in a query or a form, where a value may be spelled with percent escapes. */
function redactPairs(text: string, redaction: Redaction): string {
  const { names, secrets } = redaction
  return text
    .split('&')
    .map((pair) => {
      const [[sent, value] = ['', '']] = new URLSearchParams(pair)
      const name = plainName(sent)
      return names.has(name) ? pair.slice(0, pair.indexOf('=') + 1) + secrets.hide(name, value) : redactText(pair, redaction)
    })
    .join('&')
}

function redactText(text: string, { replace, leak }: Redaction): string {
  const replaced = replace(text)
  return leak.test(decoded(replaced)) ? redacted() : replaced
}

/** A text with the escapes of URLs and JSON undone, and without the zeros of UTF-16. */
function decoded(text: string): string {
  return text
    .replaceAll('\0', '')
    .replaceAll(/%([\da-f]{2})|\\u([\da-f]{4})/gi, (_all, byte?: string, unit?: string) => String.fromCharCode(parseInt(byte ?? unit!, 16)))
}

function typeOf(headers: Readonly<Record<string, string | string[]>>): string | string[] | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1]
}

/** The part of a body that is no JSON, as the parser's message shows it. */
const snippet = /, (?:\.\.\.)?\\*".{0,100}?(?= is not valid JSON)/gs

/** Members whose values are words of the sandbox, which a client's wrong credential may equal by chance. */
const ownWords = new Set(['vendor', 'route', 'outcome', 'verdict', 'kind', 'status', 'format'])
