import type { Config } from './config.js'
import type { Vendor } from './contract.js'
import { limitConnections, openPort, type OpenPort } from './http/listen.js'
import { plainServer } from './http/plain-server.js'
import { Problem } from './kernel/problem.js'
import { chooseVendors, loadRoster } from './roster.js'
import { openSandbox, type Sandbox } from './sandbox.js'
import { loadSeed } from './seed/load.js'

/** A sandbox with its port open. */
export interface RunningSandbox {
  sandbox: Sandbox
  url: string
  /** Stops accepting, finishes what runs (10 s at most), flushes. */
  stop(): Promise<void>
}

/** What a start takes beside its settings. */
export interface StartParts {
  config: Config
  /** Loaded over the seed files. */
  seedDocuments?: readonly unknown[]
  /** Vendors given as values, beside those of `config.vendor`. */
  ownVendors?: readonly Vendor[]
  report: (message: string) => void
}

/**
 * Starts a sandbox as the settings say.
 *
 * @throws Problem when it cannot: port taken, data directory in use or damaged, seed wrong, vendor unknown
 */
export async function startSandbox({ config, seedDocuments, ownVendors, report }: StartParts): Promise<RunningSandbox> {
  const roster = await loadRoster(config.vendor, ownVendors)
  const vendors = chooseVendors(roster, config.vendors)
  const seed = await loadSeed({ config, roster, vendors, documents: seedDocuments })
  const sandbox = await openSandbox({ config, vendors, seed, report })
  try {
    const port = await openMainPort(sandbox, config)
    const stop = async () => {
      sandbox.beginClosing()
      await port.close(stopGraceMs)
      await sandbox.close()
    }
    return { sandbox, url: `http://${urlHost(config.host)}:${port.port}`, stop }
  } catch (error) {
    await sandbox.close()
    throw error
  }
}

const stopGraceMs = 10_000

async function openMainPort(sandbox: Sandbox, config: Config): Promise<OpenPort> {
  const limits = {
    headerBytes: config.headerLimit,
    requestMs: config.requestTimeout,
    idleMs: config.idleTimeout,
    connections: config.connectionLimit,
  }
  const server = plainServer(sandbox.listener(), limits, () => {})
  limitConnections(server, config.connectionLimit)
  try {
    return await openPort(server, config.host, config.port)
  } catch (error) {
    throw portProblem(error as NodeJS.ErrnoException, config)
  }
}

function portProblem(error: NodeJS.ErrnoException, { host, port }: Config): Error {
  const at = `${host}:${port}`
  if (error.code === 'EADDRINUSE') {
    return new Problem(
      500,
      'port-taken',
      'The port is taken.',
      `Something else listens on ${at}. Stop it, or pass --port 0 for any free port.`,
    )
  }
  if (error.code === 'EACCES') {
    return new Problem(
      500,
      'port-refused',
      'The port may not be opened.',
      `The system does not let this user open ${at}. Pass a port above 1023.`,
    )
  }
  return new Problem(500, 'port-failed', 'The port cannot be opened.', `${at}: ${error.message}. Check --host and --port.`)
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
