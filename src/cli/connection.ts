import { Command, Option } from 'commander'
import { controlClient, type ControlClient } from '../client/control-client.js'

/** How a command reaches a running sandbox. */
export interface ConnectionFlags {
  url: string
  workspace?: string
  token?: string
  json?: boolean
}

/** Adds `--url`, `--workspace`, `--token` and `--json` to a command. */
export function withConnection(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', 'the running sandbox').env('COINSLOT_URL').default('http://127.0.0.1:4010'))
    .addOption(new Option('--workspace <name>', 'work on this workspace').env('COINSLOT_WORKSPACE'))
    .addOption(new Option('--token <text>', 'control token').env('COINSLOT_CONTROL_TOKEN'))
    .option('--json', 'answer in JSON')
}

/** A client for the sandbox the flags name. */
export function connect({ url, workspace, token }: ConnectionFlags): ControlClient {
  const base = url.replace(/\/+$/, '')
  return controlClient((path, init) => fetch(base + path, init), { workspace, token, url: base })
}
