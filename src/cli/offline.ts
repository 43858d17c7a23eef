import type { Command } from 'commander'
import { controlClient, type ControlClient } from '../client/control-client.js'
import { connect, type ConnectionFlags } from './connection.js'

/** Works with the running sandbox when one was named, else with one in memory over the default seed that ends with `work`. */
export async function withSandbox<T>(flags: ConnectionFlags, command: Command, work: (client: ControlClient) => Promise<T>): Promise<T> {
  if (command.getOptionValueSource('url') !== 'default') return work(connect(flags))
  const [{ configSchema }, { packagedVendors }, { openSandbox }, { loadSeed }] = await Promise.all([
    import('../config.js'),
    import('../roster.js'),
    import('../sandbox.js'),
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
