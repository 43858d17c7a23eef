import { controlClient } from '../client/control-client.js'
import { configSchema, type Config } from '../config.js'
import type { Vendor } from '../contract.js'
import { startSandbox } from '../start.js'
import { testSandbox, type TestSandbox } from './test-sandbox.js'
import type { SeedDocument } from './types.js'

/** Settings of `start`, each optional, with seeds also given as documents. */
export type SandboxOptions = Partial<Omit<Config, 'seed' | 'vendor'>> & {
  /** Documents or paths, loaded over the default seed. */
  seed?: SeedDocument | string | readonly (SeedDocument | string)[]
  /** Vendors of your own: values of `defineVendor`, files or packages. */
  vendor?: readonly (Vendor | string)[]
}

/** A sandbox that runs elsewhere. */
export interface RemoteOptions {
  url: string
  controlToken?: string
}

/**
 * A sandbox for tests: started in this process, or the one that runs at `url`.
 *
 * @throws Problem when it cannot start: port taken, data directory in use, seed wrong
 * @example await using sandbox = await createSandbox({ memory: true, port: 0 })
 */
export async function createSandbox(options: SandboxOptions | RemoteOptions = {}): Promise<TestSandbox> {
  return 'url' in options ? remote(options) : local(options)
}

async function local({ seed = [], vendor = [], ...settings }: SandboxOptions): Promise<TestSandbox> {
  const seeds = Array.isArray(seed) ? (seed as readonly (SeedDocument | string)[]) : [seed as SeedDocument | string]
  const config = configSchema.parse({
    log: 'silent',
    ...settings,
    seed: seeds.filter((one) => typeof one === 'string'),
    vendor: vendor.filter((one) => typeof one === 'string'),
  })
  const running = await startSandbox({
    config,
    seedDocuments: seeds.filter((one) => typeof one !== 'string'),
    ownVendors: vendor.filter((one) => typeof one !== 'string'),
    report: (message) => process.stderr.write(`coinslot: ${message}\n`),
  })
  const ask = (target: string, init: RequestInit) => running.sandbox.fetch(new Request(target, init))
  let stopping: Promise<void> | undefined
  return testSandbox({
    url: running.url,
    fetch: ask,
    client: (workspace) =>
      controlClient((path, init) => ask(running.url + path, init), { workspace, token: config.controlToken, url: running.url }),
    close: () => (stopping ??= running.stop()),
  })
}

async function remote({ url, controlToken: token }: RemoteOptions): Promise<TestSandbox> {
  const base = url.replace(/\/+$/, '')
  const client = (workspace: string | undefined) => controlClient((path, init) => fetch(base + path, init), { workspace, token, url: base })
  await client(undefined).call('GET', 'health')
  return testSandbox({ url: base, fetch: (target, init) => fetch(target, init), client, close: async () => {} })
}
