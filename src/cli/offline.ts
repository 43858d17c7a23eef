import { controlClient, type ControlClient } from '../client/control-client.js'
import { Problem } from '../kernel/problem.js'
import { clientFor, workspaceOf, type Connection, type ConnectionFlags } from './connection.js'

/** Returns a client if a sandbox answers there, undefined if none does. */
export async function runningClient(connection: Connection, flags: ConnectionFlags): Promise<ControlClient | undefined> {
  try {
    await clientFor(connection, undefined).call('GET', 'health')
  } catch (error) {
    if (error instanceof Problem && (error.type === 'no-sandbox' || error.type === 'not-a-sandbox')) return undefined
    throw error
  }
  return clientFor(connection, workspaceOf(flags))
}

/** Opens a sandbox in memory with the packaged seed for the time of `work`. */
export async function withPackagedSandbox<T>(work: (client: ControlClient) => Promise<T>): Promise<T> {
  const [{ configSchema }, { packagedVendors }, { openSandbox }, { loadSeed }] = await Promise.all([
    import('../sandbox/config.js'),
    import('../sandbox/roster.js'),
    import('../sandbox/sandbox.js'),
    import('../seed/load.js'),
  ])
  const config = configSchema.parse({ memory: true })
  const seed = await loadSeed({ config, roster: packagedVendors, vendors: packagedVendors })
  const sandbox = await openSandbox({ config, vendors: packagedVendors, seed, report: (message) => process.stderr.write(`${message}\n`) })
  try {
    const base = 'http://127.0.0.1'
    return await work(controlClient((path, init) => sandbox.fetch(new Request(base + path, init)), { url: 'the sandbox in memory' }))
  } finally {
    await sandbox.close()
  }
}
