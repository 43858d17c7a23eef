import { Command } from 'commander'
import { isIP } from 'node:net'
import { print } from './output.js'
import { readSettings, withSettings } from './settings.js'
import { UsageError, withExamples } from './usage.js'

/** `coinslot hosts`: the lines by which the vendors' own names lead to the sandbox. */
export function hostsCommand(): Command {
  const command = withSettings(
    new Command('hosts')
      .summary('print lines for a hosts file')
      .description("print lines for a hosts file: the vendors' own names lead to the sandbox"),
    {
      only: ['vendors', 'vendor'],
    },
  )
  return withExamples(command, ['coinslot hosts', 'coinslot hosts --vendors teak --address 192.168.1.5'])
    .option('--address <ip>', 'address of the sandbox, as the client sees it', '127.0.0.1')
    .option('--json', 'print JSON')
    .action(async ({ address, json, ...flags }: { address: string; json?: boolean }) => {
      if (isIP(address) === 0) throw new UsageError(`--address ${address}: invalid value; give an IP address.`)
      const config = readSettings(flags, { env: process.env, file: 'coinslot.config.json' })
      const { chooseVendors, loadRoster } = await import('../sandbox/roster.js')
      const vendors = chooseVendors(await loadRoster(config.vendor), config.vendors)
      const hosts = vendors.flatMap(({ id, hosts: names }) => [...names, `${id}.localhost`].map((host) => ({ vendor: id, host })))
      if (json) return print(JSON.stringify({ address, hosts }))
      const lines = hosts.map(({ host }) => `${address} ${host}`)
      print(`# coinslot: vendor names lead to the sandbox\n${lines.join('\n')}\n# coinslot: end`)
      // A pipe into the hosts file gets the lines alone; a person reads where they go.
      if (process.stdout.isTTY) process.stderr.write(`Add these lines to ${hostsFile()}; remove them to reach the real services again.\n`)
    })
}

function hostsFile(): string {
  return process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts (as administrator)' : '/etc/hosts (with sudo)'
}
