import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2'
import { connect as connectTcp, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import { afterFile } from '../support/after-file.js'
import { configSchema, type Config } from '../../src/sandbox/config.js'
import { packagedVendors } from '../../src/sandbox/roster.js'
import { startSandbox, type RunningSandbox } from '../../src/sandbox/start.js'
import { openAuthority } from '../../src/tls/authority.js'
import { neededNames } from '../../src/tls/sandbox-authority.js'

/** A sandbox on real ports with its authority's certificate; it stops with the test. */
export interface SecureSandbox extends RunningSandbox {
  port: number
  /** PEM. */
  ca: string
  /** Reports of the start. */
  reports: string[]
  /** Where a documented port was opened. */
  native(documented: number): number
}

/** Starts a sandbox with TLS on its main port, and documented ports moved to free ones. Its authority is one for the whole file. */
export async function aSecureSandbox(
  wishes: Partial<Config> = {},
  { nativePort = () => 0 }: { nativePort?: (documented: number) => number } = {},
): Promise<SecureSandbox> {
  const reports: string[] = []
  const data = wishes.data ?? aFolder()
  if (wishes.data === undefined) cpSync(await authorityFolder(), join(data, 'tls'), { recursive: true })
  const running = await startSandbox({
    config: configSchema.parse({ data, port: 0, tls: true, log: 'silent', ...wishes }),
    nativePort,
    report: (message) => reports.push(message),
  })
  let stopping: Promise<boolean> | undefined
  const stop = () => (stopping ??= running.stop())
  onTestFinished(async () => void (await stop()))
  return {
    ...running,
    stop,
    port: running.ports.main.port,
    ca: (await running.sandbox.context.authority()).certificate,
    reports,
    native(documented) {
      const found = running.ports.native.find((one) => one.documented === documented)
      if (!found || !('port' in found)) throw new Error(`port ${documented} is not open`)
      return found.port
    },
  }
}

let shared: Promise<string> | undefined

/** Making keys takes half a second, so the tests of a file share theirs. */
function authorityFolder(): Promise<string> {
  shared ??= (async () => {
    const directory = mkdtempSync(join(tmpdir(), 'coinslot-authority-'))
    // Not at the exit of the process: vitest ends a worker without one, and the private keys would stay.
    afterFile.push(() => {
      shared = undefined
      rmSync(directory, { recursive: true, force: true })
    })
    const needed = neededNames({ tlsName: [] }, packagedVendors)
    await openAuthority({ directory, needed, now: Date.now, report: () => {} })
    return directory
  })()
  return shared
}

/** A folder for one test. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'coinslot-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A file for one test. */
export function aFile(name: string, text: string): string {
  const file = join(aFolder(), name)
  writeFileSync(file, text)
  return file
}

/** Output of a client program. */
export interface Said {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs a client program to its end; without blocking, as the sandbox answers in this process. */
export function run(command: string, args: readonly string[], input = '', env: Record<string, string> = {}): Promise<Said> {
  const child = spawn(command, args, { env: { ...process.env, ...env } })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  // A client may leave without reading what it was given.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** A TLS connection that has been checked against the authority. Rejects when it is not believed. */
export function secureConnection(options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', ...options }, () => resolve(socket))
    onTestFinished(() => void socket.destroy())
    socket.once('error', reject)
  })
}

/** The certificate that is shown to a client that asks for a name. */
export async function shownCertificate(sandbox: SecureSandbox, servername?: string): Promise<PeerCertificate> {
  const socket = await secureConnection({ port: sandbox.port, ca: sandbox.ca, ...(servername !== undefined && { servername }) })
  return socket.getPeerCertificate()
}

/** A plain connection. */
export function plainConnection(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true }, () => resolve(socket))
    onTestFinished(() => void socket.destroy())
    socket.once('error', reject)
  })
}

/** Everything a connection says until it ends. */
export function everythingFrom(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return new Promise((resolve) => {
    socket.once('end', () => resolve(text))
    socket.once('error', () => resolve(text))
    socket.once('close', () => resolve(text))
  })
}

/** An HTTP/2 session, as a vendor's own name would be asked. */
export function http2Session(sandbox: SecureSandbox, host = 'api.gocarrot.com'): ClientHttp2Session {
  const session = connectHttp2(`https://${host}:${sandbox.port}`, {
    createConnection: () => connectTls({ host: '127.0.0.1', port: sandbox.port, servername: host, ca: sandbox.ca, ALPNProtocols: ['h2'] }),
  })
  session.on('error', () => {})
  onTestFinished(() => session.destroy())
  return session
}

/** One HTTP/2 exchange. Rejects when the stream is reset. */
export function http2Ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string,
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined })
    let answered: IncomingHttpHeaders = {}
    let text = ''
    stream.on('response', (got) => (answered = got))
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    stream.on('end', () => resolve({ status: Number(answered[':status']), headers: answered, text }))
    stream.on('error', reject)
    if (body !== undefined) stream.end(body)
  })
}

/** Teak's purchase call, as JSON. */
export const purchase = JSON.stringify({
  game_id: '123456',
  secret_key: 'server-secret',
  user_id: 'player-1',
  amount: 499,
  platform_id: 'order-0001',
})
