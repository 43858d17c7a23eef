import { createServer } from 'node:net'
import type { Config } from './config.js'
import type { DnsResponder } from '../dns/responder.js'
import { openPort, type OpenPort } from '../http/sockets/listen.js'
import { connectionCount, portServer } from '../http/sockets/server.js'
import { realTime } from '../kernel/clock.js'
import { sandboxUrl } from '../kernel/sandbox-url.js'
import { InternalError, type Problem } from '../kernel/problem.js'
import { portRefusal } from './port-errors.js'
import { documentedPorts } from './roster.js'
import { versionAt } from './running.js'
import type { Sandbox } from './sandbox.js'
import { reachableAddresses } from '../kernel/addresses.js'
import type { Leaves } from '../tls/leaves.js'

/** The ports a sandbox answers on. */
export interface Ports {
  main: OpenPort
  /** The main port speaks TLS as well. */
  isTls: boolean
  native: readonly NativePort[]
  /** The DNS responder, where one is wanted. */
  dns: { port: number } | { refused: string } | undefined
  /** Opens a port for one workspace, 0 = any: what comes in by it is that workspace's. @throws the system's error */
  openWorkspacePort(port: number, workspace: string): Promise<OpenPort>
  /** Stops accepting on all of them, lets what runs finish within a time in milliseconds, then closes what is left. */
  close(graceMs: number): Promise<void>
}

/** A port that vendors document: open, or the reason why not. */
export type NativePort = { documented: number; port: number } | { documented: number; refused: string }

/** Options for `openPorts`. */
export interface PortParts {
  sandbox: Sandbox
  config: Config
  /** Maps a documented port to the port that is opened; tests use others. */
  nativePort?: ((documented: number) => number) | undefined
}

/**
 * Opens the main port and, with `--native-ports`, the documented ones that the system allows.
 *
 * @throws Problem if the main port cannot be opened
 */
export async function openPorts({ sandbox, config, nativePort = (port) => port }: PortParts): Promise<Ports> {
  const documented = config.nativePorts ? documentedPorts(sandbox.context.vendors) : []
  const isTls = config.tls || documented.some((port) => nativePort(port) === config.port && config.port !== 0)
  const leaves = isTls || config.nativePorts ? await openLeaves(sandbox, config) : undefined
  const connections = connectionCount(config.connectionLimit)
  const limits = { headerBytes: config.headerLimit, requestMs: config.requestTimeout, idleMs: config.idleTimeout }
  const openAt = async (host: string, port: number, { tls, workspace }: { tls: boolean; workspace?: string }) => {
    const server = await portServer({
      listener: sandbox.listener(workspace),
      limits,
      refused: (problem, socket, packet) => sandbox.context.dispatcher.recordRefused(problem, socket, packet),
      connections,
      leaves: tls ? leaves : undefined,
    })
    return openPort(server, host, port)
  }
  const open = async (port: number, options: { tls: boolean; workspace?: string }) => {
    if (config.host !== 'localhost') return openAt(config.host, port, options)
    // The name means both loopback addresses, and the system's resolver puts either first.
    const first = await openAt('127.0.0.1', port, options)
    const second = await openAt('::1', first.port, options).catch(() => undefined)
    if (!second) return first
    return { port: first.port, close: async (graceMs: number) => void (await Promise.all([first.close(graceMs), second.close(graceMs)])) }
  }

  const main = await open(config.port, { tls: isTls }).catch(async (error: unknown) => {
    throw await portProblem(error as NodeJS.ErrnoException, config)
  })
  const opened = [main]
  const native: NativePort[] = []
  for (const port of documented) {
    if (nativePort(port) === main.port) {
      native.push({ documented: port, port: main.port })
      continue
    }
    try {
      const nativeOpen = await open(nativePort(port), { tls: true })
      opened.push(nativeOpen)
      native.push({ documented: port, port: nativeOpen.port })
    } catch (error) {
      native.push({ documented: port, refused: portRefusal(error as NodeJS.ErrnoException, config.host, nativePort(port)) })
    }
  }
  const dns = await openDns(sandbox, config)
  return {
    main,
    isTls,
    native,
    dns: dns && ('close' in dns ? { port: dns.port } : dns),
    openWorkspacePort: (port, workspace) => open(port, { tls: isTls, workspace }),
    async close(graceMs) {
      if (dns && 'close' in dns) await dns.close()
      await Promise.all(opened.map((one) => one.close(graceMs)))
    },
  }
}

async function openLeaves({ context }: Sandbox, { host }: Config): Promise<Leaves> {
  const { leavesOf } = await import('../tls/leaves.js')
  return leavesOf(await context.authority(), reachableAddresses(host), realTime)
}

async function openDns({ context }: Sandbox, { host, dnsPort }: Config): Promise<DnsResponder | { refused: string } | undefined> {
  if (dnsPort === undefined) return undefined
  try {
    const { openDnsResponder } = await import('../dns/responder.js')
    return await openDnsResponder({ names: new Set(context.vendors.flatMap(({ hosts }) => [...hosts])), host, port: dnsPort })
  } catch (error) {
    return { refused: portRefusal(error as NodeJS.ErrnoException, host, dnsPort) }
  }
}

/**
 * Checks that the main port can be opened, before the data directory is created or opened.
 *
 * @throws Problem if it cannot
 */
export async function checkMainPort(config: Config): Promise<void> {
  if (config.port === 0) return
  const probe = createServer()
  try {
    await new Promise<void>((resolve, reject) => probe.once('error', reject).listen({ host: config.host, port: config.port }, resolve))
  } catch (error) {
    throw await portProblem(error as NodeJS.ErrnoException, config)
  } finally {
    await new Promise<void>((resolve) => probe.close(() => resolve()))
  }
}

async function portProblem(error: NodeJS.ErrnoException, { host, port }: Config): Promise<Problem> {
  const why = portRefusal(error, host, port)
  if (error.code === 'EADDRINUSE') {
    const url = sandboxUrl({ host, port })
    const version = await versionAt(url)
    if (version === undefined)
      return new InternalError({ type: 'port-taken', title: 'Port in use.', detail: `${why} Or pass --port 0 for any free port.` })
    return new InternalError({
      type: 'already-running',
      title: 'coinslot is running already.',
      detail: `coinslot ${version} answers at ${url}. Use it: the page is ${url}/_sandbox/, and "coinslot requests" lists what it received. Or stop it. Or start a second one: coinslot --port 0 --memory`,
    })
  }
  if (error.code === 'EACCES')
    return new InternalError({ type: 'port-refused', title: 'Port not permitted.', detail: `${why} Or pass a --port above 1023.` })
  return new InternalError({ type: 'port-failed', title: 'Port cannot be opened.', detail: why })
}
