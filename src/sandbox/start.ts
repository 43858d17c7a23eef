import { sandboxUrl } from '../kernel/sandbox-url.js'
import type { Config } from './config.js'
import type { Vendor } from '../contract.js'
import { checkMainPort, openPorts, type Ports } from './ports.js'
import { chooseVendors, loadRoster } from './roster.js'
import { openSandbox, type Sandbox } from './sandbox.js'
import { requestGraceMs, stopInOrder, stopLimitMs } from './stop.js'
import { loadSeed } from '../seed/load.js'
import { setImmediate } from '../kernel/timers.js'

/** A sandbox with its ports open. */
export interface RunningSandbox {
  sandbox: Sandbox
  url: string
  ports: Ports
  /**
   * Stops accepting, lets running requests finish, and flushes. Resolves to false if that did not end within a time in milliseconds
   * (default: 9.5 s), after it was reported.
   */
  stop(limitMs?: number): Promise<boolean>
}

/** Options for `startSandbox`. */
export interface StartParts {
  config: Config
  /** Loaded over the seed files. */
  seedDocuments?: readonly unknown[]
  /** Vendors given as values, beside those of `config.vendor`. */
  ownVendors?: readonly Vendor[]
  /** Maps a documented port to the port that is opened; tests use others. */
  nativePort?: (documented: number) => number
  report: (message: string) => void
}

/**
 * Starts a sandbox with these settings.
 *
 * @throws Problem if it cannot start: port in use, data directory in use or damaged, invalid seed, unknown vendor
 */
export async function startSandbox({ config, seedDocuments, ownVendors, nativePort, report }: StartParts): Promise<RunningSandbox> {
  const roster = await loadRoster(config.vendor, ownVendors)
  const vendors = chooseVendors(roster, config.vendors)
  await checkMainPort(config)
  const seed = await loadSeed({ config, roster, vendors, documents: seedDocuments })
  const sandbox = await openSandbox({ config, vendors, seed, report })
  const ports = await openPorts({ sandbox, config, nativePort }).catch(async (error: unknown) => {
    await sandbox.close()
    throw error
  })
  const stop = (limitMs = stopLimitMs) => {
    sandbox.beginClosing()
    const requests = { name: 'a request', run: () => ports.close(Math.min(requestGraceMs, limitMs)) }
    return stopInOrder([requests, ...sandbox.closingSteps], { limitMs, report })
  }
  try {
    await sandbox.servePorts(ports.openWorkspacePort)
  } catch (error) {
    await stop()
    throw error
  }
  setImmediate(loadControlModules)
  return { sandbox, url: sandboxUrl({ host: config.host, port: ports.main.port }), ports, stop }
}

/**
 * Loads the modules of the control API, which the start leaves out, as soon as the ports are open. Node remembers an import that failed,
 * so a first control call in a process without free file descriptors would disable the control API for good.
 */
function loadControlModules(): void {
  for (const load of [() => import('../control/app.js'), () => import('@hono/node-server')]) load().catch(() => undefined)
}
