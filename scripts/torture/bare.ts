import { connect, type Socket } from 'node:net'

/** A bare connection and what came on it. */
export interface Bare {
  socket: Socket
  text(): string
  /** Resolves to the way the connection ended: `end`, `reset`, or undefined if it is still open after this many milliseconds. */
  ended(withinMs: number): Promise<'closed' | 'reset' | undefined>
  /** Resolves when what came matches, false when it did not in time. */
  got(pattern: RegExp, withinMs: number): Promise<boolean>
  came(isEnough: (text: string) => boolean, withinMs: number): Promise<boolean>
}

/** Opens a bare connection. @throws the system's error */
export function bare(port: number): Promise<Bare> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    let end: 'closed' | 'reset' | undefined
    socket.setEncoding('latin1')
    socket.setNoDelay(true)
    socket.on('data', (part) => (text += String(part)))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      end = 'reset'
      reject(error)
    })
    socket.on('close', () => (end ??= 'closed'))
    const within = async <T>(ms: number, look: () => T | undefined): Promise<T | undefined> => {
      for (let waited = 0; waited <= ms; waited += 5) {
        const seen = look()
        if (seen !== undefined) return seen
        await new Promise((resume) => setTimeout(resume, 5))
      }
      return undefined
    }
    socket.once('connect', () =>
      resolve({
        socket,
        text: () => text,
        ended: (ms) => within(ms, () => end),
        came: async (isEnough, ms) => (await within(ms, () => isEnough(text) || undefined)) === true,
        got: async (pattern, ms) => (await within(ms, () => pattern.test(text) || undefined)) === true,
      }),
    )
  })
}

/** Opens many bare connections, a few at a time; those that are refused are left out. */
export async function manyBare(port: number, count: number): Promise<Bare[]> {
  const open: Bare[] = []
  for (let from = 0; from < count; from += 200) {
    const some = await Promise.allSettled(Array.from({ length: Math.min(200, count - from) }, () => bare(port)))
    for (const one of some) if (one.status === 'fulfilled') open.push(one.value)
  }
  return open
}

/** A request as it stands on the wire. */
export function onWire({ method = 'POST', path, headers = {}, body = '' }: Written): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines.join('')}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

interface Written {
  method?: string
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string
}
