import { parseWithLargeNumbers, writeAsSent } from '../../kernel/json/as-sent.js'
import { currentPlace, workspaceParameter } from './place.js'
import { forgetToken, readToken } from './token.js'

/** Error of one member of a request body. */
export interface MemberFault {
  /** A JSON pointer. */
  path: string
  message: string
}

/** A control call that was refused, or could not be made. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly errors: readonly MemberFault[] = [],
  ) {
    super(detail)
  }
}

/** Where the control API is for the workspace that is looked at; ends with a slash. */
export function controlBase(): string {
  const workspace = currentPlace().query[workspaceParameter]
  const own = window.location.pathname.replace(/[^/]*$/, '')
  return workspace === undefined ? own : `/@${workspace}/_sandbox/`
}

/** A control call, answered with its JSON, whose numbers have the digits that were sent; undefined where there is nothing to answer. @throws Refusal */
export async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await call(method, path, { body, signal })
  if (response.status === 204) return undefined as T
  return parseWithLargeNumbers(await response.text()) as T
}

/** A control call, answered with the response itself. @throws Refusal */
export async function call(
  method: string,
  path: string,
  { body, signal, headers = {} }: { body?: unknown; signal?: AbortSignal | undefined; headers?: Record<string, string> } = {},
): Promise<Response> {
  const token = readToken()
  const sent: RequestInit = {
    method,
    headers: {
      ...headers,
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: writeAsSent(body) }),
    ...(signal && { signal }),
  }
  const response = await fetch(controlBase() + path, sent).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Refusal(0, 'The sandbox does not answer.', 'It may have been stopped; start it again and this page goes on.')
  })
  if (response.ok) return response
  if (response.status === 401) forgetToken()
  throw await refusalOf(response)
}

/** Fetches a file and hands it to the browser to keep. @throws Refusal */
export async function download(path: string, name: string): Promise<void> {
  const response = await call('GET', path)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await response.blob())
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

async function refusalOf(response: Response): Promise<Refusal> {
  const text = await response.text()
  try {
    const { title, detail, errors } = JSON.parse(text) as { title?: string; detail?: string; errors?: MemberFault[] }
    return new Refusal(response.status, title ?? `Status ${response.status}`, detail ?? text, errors)
  } catch {
    return new Refusal(response.status, `Status ${response.status}`, text)
  }
}
