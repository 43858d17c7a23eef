import type { Command } from 'commander'
import { controlClient, type ControlClient } from '../client/control-client.js'
import { parseWithLargeNumbers } from '../kernel/json/as-sent.js'
import { nodeFetch } from '../kernel/node-fetch.js'
import { readSandboxUrl, sandboxUrl } from '../kernel/sandbox-url.js'
import { readSettings } from './settings.js'
import { UsageError } from './usage.js'

/** Options by which a command reaches a running sandbox. */
export interface ConnectionFlags {
  url?: string
  workspace?: string
  token?: string
  json?: boolean
}

/** Address and control token of the sandbox that a command talks to. */
export interface Connection {
  url: string
  /** The address was given by `--url` or `COINSLOT_URL`, not by the settings. */
  isNamed: boolean
  token: string | undefined
}

/** Adds `--url`, `--workspace`, `--token` and `--json` to a command. */
export function withConnection(command: Command): Command {
  return withAddress(command).option('--workspace <name>', 'workspace (else COINSLOT_WORKSPACE)')
}

/** Adds `--url`, `--token` and `--json` to a command that is not about one workspace. */
export function withAddress(command: Command): Command {
  return command
    .option('--url <url>', 'running sandbox (else COINSLOT_URL, else the settings)')
    .option('--token <text>', 'control token (else COINSLOT_CONTROL_TOKEN)')
    .option('--json', 'print JSON')
}

/**
 * Finds the sandbox: `--url`, `COINSLOT_URL`, or host and port of the settings, which default to http://127.0.0.1:4010.
 *
 * @throws UsageError if an address or a setting is invalid
 */
export function findConnection({ url, token, workspace }: ConnectionFlags): Connection {
  const named = url ?? nonEmpty(process.env['COINSLOT_URL'])
  if (named !== undefined) {
    const place = url === undefined ? 'COINSLOT_URL' : '--url'
    const found = readUrl(named, place)
    // A flag wins over the environment.
    const address = url === undefined && workspace !== undefined ? found.replace(/\/@[^/]*$/, '') : found
    return { url: address, isNamed: true, token: token ?? nonEmpty(process.env['COINSLOT_CONTROL_TOKEN']) }
  }
  const config = readSettings({}, { env: process.env, file: 'coinslot.config.json' })
  return { url: sandboxUrl(config), isNamed: false, token: token ?? config.controlToken }
}

/** Returns a client for the sandbox that the flags, the environment or the settings name. */
export function connect(flags: ConnectionFlags): ControlClient {
  return clientFor(findConnection(flags), workspaceOf(flags))
}

/** Returns a client for a sandbox that was found. Numbers that a double would change keep their digits. */
export function clientFor({ url, token }: Connection, workspace: string | undefined): ControlClient {
  return controlClient((path, init) => nodeFetch(url + path, init), { workspace, token, url, parse: parseWithLargeNumbers })
}

/** Returns the workspace that a command works on, undefined for the one of the address. */
export function workspaceOf({ url, workspace }: ConnectionFlags): string | undefined {
  if (workspace === undefined && url?.includes('/@')) return undefined
  return workspace ?? nonEmpty(process.env['COINSLOT_WORKSPACE'])
}

function readUrl(text: string, place: string): string {
  try {
    return readSandboxUrl(text)
  } catch (error) {
    throw new UsageError(`${place}: invalid address "${text}" (${(error as Error).message}). Give one such as http://127.0.0.1:4010.`)
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
