import type { TestSandbox } from './sandbox.js'

/** A request whose members can be replaced by JSON pointers. */
export interface Sent {
  method?: string
  path: string
  /** Lower-case names. */
  headers?: Readonly<Record<string, string>>
  query?: Readonly<Record<string, string>>
  body?: unknown
}

/** The members of a traffic entry that these tests read. */
export interface Explained {
  outcome: string
  verdict: string
  explanation: string
  expected: { pointer: string; got?: unknown; expected: unknown }[]
}

/** Sends a request. Resolves to its traffic entry. */
export async function sendExplained(sandbox: TestSandbox, { method = 'POST', path, headers, query, body }: Sent): Promise<Explained> {
  const search = new URLSearchParams(query).toString()
  const reply = await sandbox.ask(`${path}${search === '' ? '' : `?${search}`}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return (await sandbox.control('GET', `traffic/${reply.headers.get('x-sandbox-request')}`)) as Explained
}

/**
 * Sends a request, sets the expected members of its explanation and sends it again, until it is accepted or nothing is expected of it.
 * `described` has values for the pointers whose accepted values the explanation only describes.
 */
export async function followExpected(
  sandbox: TestSandbox,
  request: Sent,
  described: Readonly<Record<string, unknown>> = {},
): Promise<Explained[]> {
  const entries: Explained[] = []
  let sent = request
  while (entries.length < 5) {
    const entry = await sendExplained(sandbox, sent)
    entries.push(entry)
    if (entry.verdict !== 'refused' || entry.expected.length === 0) break
    for (const { pointer, expected } of entry.expected) {
      sent = withMember(sent, pointer, Object.hasOwn(described, pointer) ? described[pointer] : expected)
    }
  }
  return entries
}

function withMember(sent: Sent, pointer: string, value: unknown): Sent {
  const [, part, ...names] = pointer.split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  return { ...sent, [part!]: replaced(sent[part as keyof Sent], names, value) }
}

function replaced(holder: unknown, [name, ...rest]: string[], value: unknown): unknown {
  if (name === undefined) return value
  if (Array.isArray(holder)) return (holder as unknown[]).map((entry, at) => (String(at) === name ? replaced(entry, rest, value) : entry))
  const members = (holder ?? {}) as Record<string, unknown>
  return { ...members, [name]: replaced(members[name], rest, value) }
}
