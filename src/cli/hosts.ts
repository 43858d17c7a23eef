import { Command } from 'commander'
import { isIP } from 'node:net'
import { readSettings, withSettings } from './settings.js'
import { UsageError } from './usage-error.js'

/** `coinslot hosts`: the lines that lead the vendors' own names to the sandbox. */
export function hostsCommand(): Command {
  return withSettings(new Command('hosts').description("lines for a hosts file: the vendors' own names lead to the sandbox"), [
    'vendors',
    'vendor',
  ])
    .option('--address <ip>', 'where the sandbox is, as this machine sees it', '127.0.0.1')
    .option('--json', 'answer in JSON')
    .action(async ({ address, json, ...flags }: { address: string; json?: boolean }) => {
      if (isIP(address) === 0) throw new UsageError(`--address ${address} will not do; give an IP address.`)
      const config = readSettings(flags, { env: process.env, file: 'coinslot.config.json' })
      const { chooseVendors, loadRoster } = await import('../roster.js')
      const vendors = chooseVendors(await loadRoster(config.vendor), config.vendors)
      const hosts = vendors.flatMap(({ id, hosts: names }) => [...names, `${id}.localhost`].map((host) => ({ vendor: id, host })))
      if (json) return void process.stdout.write(`${JSON.stringify({ address, hosts })}\n`)
      const lines = hosts.map(({ host }) => `${address} ${host}`)
      process.stdout.write(`# coinslot: vendor names lead to the sandbox\n${lines.join('\n')}\n# coinslot: end\n`)
      // A pipe into the hosts file gets the lines alone; a person reads where they go.
      if (process.stdout.isTTY) process.stderr.write(`Add these lines to ${hostsFile()}; remove them to reach the real services again.\n`)
    })
}

function hostsFile(): string {
  return process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts (as administrator)' : '/etc/hosts (with sudo)'
}
