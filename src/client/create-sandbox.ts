import { Hono } from 'hono'
import { controlClient, type ControlClient } from './control-client.js'
import { nodeFetch } from '../kernel/node-fetch.js'
import { readSandboxUrl } from '../kernel/sandbox-url.js'
import type { z } from 'zod'
import { configSchema, type Config } from '../sandbox/config.js'
import type { Vendor } from '../contract.js'
import { InvalidInput, pointersOf, wordOfIssue } from '../kernel/problem.js'
import { startSandbox } from '../sandbox/start.js'
import { testSandbox, type SandboxApp, type TestSandbox } from './test-sandbox.js'
import type { SeedDocument } from './types.js'

/** Settings of `start`, each optional, with seeds also given as documents. */
export type SandboxOptions = Omit<z.input<typeof configSchema>, 'seed' | 'vendor'> & {
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
 * @throws Problem if it cannot start: invalid option, port in use, data directory in use, invalid seed
 * @example await using sandbox = await createSandbox({ memory: true, port: 0 })
 */
export async function createSandbox(options: SandboxOptions | RemoteOptions = {}): Promise<TestSandbox> {
  return 'url' in options ? remote(options) : local(options)
}

async function local({ seed = [], vendor = [], ...settings }: SandboxOptions): Promise<TestSandbox> {
  const seeds = Array.isArray(seed) ? (seed as readonly (SeedDocument | string)[]) : [seed as SeedDocument | string]
  const config = checked({
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
  let stopping: Promise<unknown> | undefined
  const send = (target: string, init: RequestInit) => running.sandbox.fetch(new Request(target, init))
  return testSandbox({
    url: running.url,
    app: running.sandbox.app,
    client: (workspace) =>
      controlClient((path, init) => send(running.url + path, init), {
        workspace,
        makesWorkspace: true,
        token: config.controlToken,
        url: running.url,
      }),
    close: async () => void (await (stopping ??= running.stop())),
  })
}

async function remote({ url, controlToken: token }: RemoteOptions): Promise<TestSandbox> {
  const base = readSandboxUrl(url)
  const client = (workspace: string | undefined) =>
    controlClient((path, init) => nodeFetch(base + path, init), { workspace, makesWorkspace: true, token, url: base })
  await client(undefined).call('GET', 'health')
  const targetOf = remoteTarget(base, client(undefined))
  const app: SandboxApp = new Hono()
  app.all('*', async (c) => forward(c.req.raw, await targetOf(c.req.url)))
  app.onError((error) => {
    throw error
  })
  return testSandbox({ url: base, app, client, close: async () => {} })
}

function checked(settings: Record<string, unknown>): Config {
  const parsed = configSchema.safeParse(settings, { error: wordOfIssue })
  if (parsed.success) return parsed.data
  throw new InvalidInput({ type: 'invalid-options', title: 'Invalid option.', errors: pointersOf(parsed.error.issues) })
}

interface NamedVendor {
  id: string
  hosts: string[]
}

/**
 * Returns a function that maps a URL to the address of a sandbox that runs elsewhere. A vendor's own host name is mapped as well, because
 * the request would reach the real service otherwise. The name goes into the path, because fetch does not let a Host header be set.
 */
function remoteTarget(base: string, client: ControlClient): (target: string) => Promise<string> {
  const { origin } = new URL(base)
  let asked: Promise<{ vendors: NamedVendor[] }> | undefined
  return async (target) => {
    const url = new URL(target)
    if (url.origin === origin) return target
    asked ??= client.call<{ vendors: NamedVendor[] }>('GET', 'vendors')
    const { vendors } = await asked
    const labels = /^(?:([^.]+)\.)?([^.]+)\.localhost$/.exec(url.hostname)
    const vendor = vendors.find(({ id, hosts }) => hosts.includes(url.hostname) || id === labels?.[2])
    const workspace = vendor && labels?.[1] !== undefined ? `/@${labels[1]}` : ''
    return `${base}${workspace}${vendor ? `/${vendor.id}` : ''}${url.pathname}${url.search}`
  }
}

/**
 * Sends a request to an address of a sandbox that runs elsewhere. It avoids the global fetch, because tests replace that to watch or
 * answer requests of the code under test. Like a sandbox in this process it follows no redirect, and it rejects as fetch does.
 */
async function forward(request: Request, target: string): Promise<Response> {
  const { method, signal } = request
  const headers = Object.fromEntries([...request.headers].filter(([name]) => !ofTheConnection.has(name)))
  const body = request.body ? new Uint8Array(await request.arrayBuffer()) : undefined
  try {
    return await nodeFetch(target, { method, headers, body, signal })
  } catch (cause) {
    if (signal.aborted) throw signal.reason
    throw new TypeError('fetch failed', { cause })
  }
}

/** Headers of a connection, which a host app has if it is mounted; the new connection gets its own. */
const ofTheConnection = new Set(['connection', 'content-length', 'expect', 'host', 'keep-alive', 'transfer-encoding', 'upgrade'])
