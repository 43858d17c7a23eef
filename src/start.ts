import type { Config } from './config.js'
import type { Vendor } from './contract.js'
import { limitConnections, openPort, type OpenPort } from './http/listen.js'
import { plainServer } from './http/plain-server.js'
import { Problem } from './kernel/problem.js'
import { chooseVendors, loadRoster } from './roster.js'
import { openSandbox, visibleTables, type Sandbox } from './sandbox.js'
import { checkSeed, mergeSeeds, onlyTables, type Seed } from './seed/document.js'
import { defaultSeedFile, readSeedFiles } from './seed/files.js'

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
export async function startSandbox({ config, seedDocuments = [], ownVendors, report }: StartParts): Promise<RunningSandbox> {
  const roster = await loadRoster(config.vendor, ownVendors)
  const vendors = chooseVendors(roster, config.vendors)
  const seed = onlyTables(await loadSeed(config, roster, seedDocuments), visibleTables(vendors))
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

async function loadSeed(config: Config, roster: readonly Vendor[], documents: readonly unknown[]): Promise<Seed> {
  const tables = visibleTables(roster)
  const files = await readSeedFiles([...(config.defaultSeed ? [defaultSeedFile] : []), ...config.seed], tables, roster)
  const given = documents.map((document) => ({ file: 'seed', ...checkSeed(document, tables, roster) }))
  const wrong = [...files, ...given].flatMap(({ file, ...checked }) =>
    checked.ok ? [] : checked.errors.map((error) => ({ file, ...error })),
  )
  if (wrong.length > 0) {
    const lines = wrong.map(({ file, path, message }) => `${file} ${path || '/'}: ${message}`)
    throw new Problem(422, 'invalid-seed', 'A seed is wrong; nothing was loaded.', lines.join('\n'), wrong)
  }
  return mergeSeeds([...files, ...given].flatMap((checked) => (checked.ok ? [checked.seed] : [])))
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
