import { Command } from 'commander'
import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '../kernel/problem.js'
import { clientFor, findConnection, withConnection, type ConnectionFlags } from './connection.js'
import { printResult } from './output.js'
import { UsageError, withExamples } from './usage.js'
import { performance } from '../kernel/timers.js'

/** `coinslot ready`: exit 0 if a running sandbox is up and seeded. */
export function readyCommand(): Command {
  const command = withConnection(new Command('ready').description('exit 0 if a running sandbox is up and seeded'))
  withExamples(command, ['coinslot ready', 'coinslot ready --wait 30'])
  return command
    .option('--wait <seconds>', 'wait up to this long for it', '0')
    .action(async ({ wait, json, ...flags }: ConnectionFlags & { wait: string }) => {
      const seconds = Number(wait)
      if (!Number.isFinite(seconds) || seconds < 0) throw new UsageError(`--wait ${wait}: invalid value; give a number of seconds.`)
      const connection = findConnection(flags)
      const client = clientFor(connection, undefined)
      const until = performance.now() + seconds * 1000
      for (;;) {
        try {
          const health = await client.call<{ version: string; vendors: string[] }>('GET', 'health')
          printResult({ json: json === true }, health, `ready: ${connection.url}, version ${health.version}, ${health.vendors.join(' ')}`)
          return
        } catch (error) {
          if (!(error instanceof Problem) || performance.now() >= until) throw error
          await pause(Math.min(200, Math.max(0, until - performance.now())))
        }
      }
    })
}
