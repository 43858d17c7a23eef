import { z } from 'zod'
import type { ControlContext } from '../context.js'
import type { Head } from '../../kernel/incoming.js'
import { InvalidInput, NotFound } from '../../kernel/problem.js'
import { showEntry, trafficEntry } from '../../traffic/entry.js'
import type { Entry } from '../../traffic/traffic.js'
import { controlCall } from '../call.js'

const replayRequest = z.strictObject({
  id: z.string().optional().describe('Entry to send again; the other members replace its values'),
  method: z
    .string()
    .regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'must be a method name')
    .optional(),
  url: z
    .string()
    .regex(/^(\/|https?:\/\/)[\x21-\x7e]*$/, 'must be a path such as /teak/v2/purchase, or a URL')
    .optional(),
  headers: z
    .array(
      z.tuple([
        z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'must be a header name'),
        z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'must be a header value'),
      ]),
    )
    .optional()
    .describe('Name and value, in order'),
  body: z.string().optional(),
})

/** Sends a kept request again, unchanged or changed, with its headers and body byte for byte. It runs in the workspace of the control call. */
export const replayCalls = [
  controlCall({
    method: 'POST',
    path: '/traffic/replay',
    tag: 'traffic',
    summary:
      'Send a kept request again, unchanged or changed, or a new request, in this workspace even if it names another; returns its entry',
    body: replayRequest,
    answers: {
      200: { description: 'The new entry', schema: trafficEntry },
      404: { description: 'Entry not found' },
      422: { description: 'Invalid request' },
    },
    async handle({ context, body, workspaceName, reading, writing }) {
      // A workspace that does not exist has no entry, and is not created for one.
      const { traffic } = await (body.id === undefined ? writing() : reading())
      await traffic.catchUp()
      const before = body.id === undefined ? undefined : traffic.find(body.id)
      if (body.id !== undefined && !before) {
        throw new NotFound({
          type: 'unknown-entry',
          title: 'Entry not found.',
          detail: `There is no entry "${body.id}" to send again; it may have been dropped. "coinslot requests" lists the kept entries.`,
        })
      }
      if (!before && body.url === undefined) {
        throw new InvalidInput({
          type: 'invalid',
          title: 'Nothing to send.',
          detail: 'The body has neither id nor url. Give the id of an entry or a url.',
          errors: [{ path: '/url', message: 'is missing' }],
        })
      }
      const bytes = body.body === undefined ? (before?.body ?? new Uint8Array()) : Buffer.from(body.body)
      const head = headOf(body, before, bytes.byteLength)
      return showEntry(await send(context, { head, bytes, workspaceName }))
    },
  }),
]

function headOf(request: z.infer<typeof replayRequest>, before: Entry | undefined, length: number): Head {
  const old = before?.head
  const kept = old ? pairs(old.rawHeaders) : []
  // The length of the changed body replaces the old one.
  const sent = (request.headers ?? kept).filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name))
  const all: [string, string][] = length > 0 ? [...sent, ['Content-Length', String(length)]] : sent
  const headers: Record<string, string> = {}
  for (const [name, value] of all) {
    const key = name.toLowerCase()
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`
  }
  const target = request.url ?? old?.target ?? '/'
  return {
    method: request.method?.toUpperCase() ?? old?.method ?? 'GET',
    target,
    headers,
    rawHeaders: all.flat(),
    httpVersion: old?.httpVersion ?? '1.1',
    address: old?.address ?? '127.0.0.1',
    encrypted: old?.encrypted ?? false,
  }
}

interface Sent {
  head: Head
  bytes: Uint8Array
  workspaceName: string
}

async function send(context: ControlContext, { head, bytes, workspaceName }: Sent): Promise<Entry> {
  // The bytes may name another workspace, such as the one that an opened session was saved from.
  const location = { ...context.dispatcher.locate(head), named: { port: workspaceName } }
  if (location.target.kind === 'control') {
    throw new InvalidInput({
      type: 'invalid',
      title: 'Control calls cannot be sent again.',
      detail: `${head.target} is a control call, not a request to a vendor; call it directly.`,
      errors: [{ path: '/url', message: 'is a control call' }],
    })
  }
  let found: Entry | undefined
  const stop = context.onEntry((entry) => {
    if (entry.head === head) found = entry
  })
  try {
    await context.dispatcher.answer(head, location, { kind: 'whole', bytes })
  } finally {
    stop()
  }
  if (!found) throw new Error('A request that was answered has an entry.')
  return found
}

function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, raw[at + 1] ?? '']] : []))
}
