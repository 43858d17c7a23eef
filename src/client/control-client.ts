import { Problem, type ProblemDocument, ServiceUnavailable } from '../kernel/problem.js'
import type { NodeRequest } from '../kernel/node-fetch.js'
import { sentence } from '../kernel/show.js'

/** Talks to the control API of a sandbox, in process or over a socket. */
export interface ControlClient {
  /** Calls a path below `/_sandbox/` and returns the JSON of the response, undefined for 204. @throws Problem as the sandbox reported it */
  call<T>(method: string, path: string, body?: unknown): Promise<T>
  /** The same with the response as it is, whatever its status. `text` is a body that is JSON already. */
  send(
    method: string,
    path: string,
    options?: { body?: unknown; text?: string; headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Response>
}

/** Options of a control client. */
export interface ClientOptions {
  workspace?: string | undefined
  /** Creates the workspace when a call finds that it does not exist, so that it can be read from the first call on. */
  makesWorkspace?: boolean
  token?: string | undefined
  /** Address of the sandbox, for messages. */
  url: string
  /** Parses the JSON of responses, by default to plain numbers. */
  parse?: (text: string) => unknown
}

/** Returns a client over a fetch whose paths begin with a slash. */
export function controlClient(fetch: (path: string, init: NodeRequest) => Promise<Response>, options: ClientOptions): ControlClient {
  const { parse = JSON.parse } = options
  const send: ControlClient['send'] = async (
    method,
    path,
    { body, text = body === undefined ? undefined : JSON.stringify(body), headers = {}, signal } = {},
  ) => {
    const type: Record<string, string> = text === undefined ? {} : { 'Content-Type': 'application/json' }
    const init: NodeRequest = { method, headers: { ...headers, ...standing(options), ...type } }
    if (signal) init.signal = signal
    if (text !== undefined) init.body = text
    try {
      const reply = await fetch(`/_sandbox/${path}`, init)
      if (!options.makesWorkspace || options.workspace === undefined || !(await isWorkspaceUnknown(reply))) return reply
      await fetch(`/_sandbox/workspaces/${options.workspace}`, { method: 'PUT', headers: standing(options) })
      return await fetch(`/_sandbox/${path}`, init)
    } catch (error) {
      if (signal?.aborted) throw error
      throw new ServiceUnavailable({
        type: 'no-sandbox',
        title: 'No sandbox answers.',
        detail: `${options.url}: ${sentence(reasonOf(error, options.url))} Start one with "coinslot", or name another with --url.`,
      })
    }
  }
  return {
    send,
    async call<T>(method: string, path: string, body?: unknown) {
      const reply = await send(method, path, { body })
      const text = await reply.text()
      if (reply.ok) return (text === '' ? undefined : parse(text)) as T
      throw problemFrom(reply, text, options.url)
    },
  }
}

/** Reads the problem out of a response; any other response becomes a problem with its status and the address it came from. */
export function problemFrom(reply: Response, text: string, url: string): Problem {
  if (reply.headers.get('content-type')?.startsWith('application/problem+json')) {
    const { type, title, status, detail, errors } = JSON.parse(text) as ProblemDocument
    return new Problem(status, { type: type.split(':').at(-1) ?? type, title, detail, errors })
  }
  return new Problem(reply.status, {
    type: 'not-a-sandbox',
    title: 'Not a sandbox.',
    detail: `${url} answered ${reply.status} ${text.slice(0, 200)} Check the address (--url, COINSLOT_URL).`,
  })
}

async function isWorkspaceUnknown(reply: Response): Promise<boolean> {
  if (reply.status !== 404 || !reply.headers.get('content-type')?.startsWith('application/problem+json')) return false
  const { type } = (await reply.clone().json()) as ProblemDocument
  return type.endsWith(':unknown-workspace')
}

function standing({ workspace, token }: ClientOptions): Record<string, string> {
  return {
    ...(workspace !== undefined && { 'X-Sandbox-Workspace': workspace }),
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  }
}

function reasonOf(error: unknown, url: string): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  if (!(cause instanceof Error)) return String(cause)
  const { code = '' } = cause as NodeJS.ErrnoException
  // OpenSSL says so when the other side answers in plain HTTP.
  if (url.startsWith('https:') && (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER'))
    return 'the port does not speak TLS; use http://, or start the sandbox with --tls'
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code))
    return `${cause.message} (${code}); trust the certificate ("coinslot ca --install-hint node"), or use http://, which the same port answers`
  // Where a name has several addresses, the message is empty and the code alone says why.
  return cause.message || code || 'no connection'
}
