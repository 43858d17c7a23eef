import { Problem, type ProblemDocument } from '../kernel/problem.js'

/** Talks to the control API of a sandbox, in process or over a socket. */
export interface ControlClient {
  /** Calls below `/_sandbox/` and answers what came back as JSON, undefined for 204. @throws Problem as the sandbox told it */
  call<T>(method: string, path: string, body?: unknown): Promise<T>
  /** The same without judging the status. */
  send(
    method: string,
    path: string,
    options?: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Response>
}

/** How the control API is reached. */
export interface ClientOptions {
  workspace?: string | undefined
  /** Makes the workspace when a call finds that nobody has, so that it can be read from the first call on. */
  makesWorkspace?: boolean
  token?: string | undefined
  /** For messages. */
  url: string
}

/** A client over a fetch whose paths begin with a slash. */
export function controlClient(fetch: (path: string, init: RequestInit) => Promise<Response>, options: ClientOptions): ControlClient {
  const send: ControlClient['send'] = async (method, path, { body, headers = {}, signal } = {}) => {
    const type: Record<string, string> = body === undefined ? {} : { 'Content-Type': 'application/json' }
    const init: RequestInit = { method, headers: { ...headers, ...standing(options), ...type } }
    if (signal) init.signal = signal
    if (body !== undefined) init.body = JSON.stringify(body)
    try {
      const reply = await fetch(`/_sandbox/${path}`, init)
      if (!options.makesWorkspace || options.workspace === undefined || !(await isWorkspaceUnknown(reply))) return reply
      await fetch(`/_sandbox/workspaces/${options.workspace}`, { method: 'PUT', headers: standing(options) })
      return await fetch(`/_sandbox/${path}`, init)
    } catch (error) {
      if (signal?.aborted) throw error
      throw new Problem(
        503,
        'no-sandbox',
        'No sandbox answers.',
        `${options.url}: ${reasonOf(error)}. Start one with "coinslot", or name another with --url.`,
      )
    }
  }
  return {
    send,
    async call<T>(method: string, path: string, body?: unknown) {
      const reply = await send(method, path, { body })
      const text = await reply.text()
      if (reply.ok) return (text === '' ? undefined : JSON.parse(text)) as T
      throw problemFrom(reply, text, options.url)
    },
  }
}

/** The problem a reply tells of; a reply that is none is told with its status and the place it came from. */
export function problemFrom(reply: Response, text: string, url: string): Problem {
  if (reply.headers.get('content-type')?.startsWith('application/problem+json')) {
    const { type, title, status, detail, errors } = JSON.parse(text) as ProblemDocument
    return new Problem(status, type.split(':').at(-1) ?? type, title, detail, errors)
  }
  return new Problem(
    reply.status,
    'not-a-sandbox',
    'That is no sandbox.',
    `${url} answered ${reply.status} ${text.slice(0, 200)}; check --url.`,
  )
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

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  return cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code || 'no connection' : String(cause)
}
