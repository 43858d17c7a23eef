import { Command } from 'commander'
import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '../kernel/problem.js'
import { connect, withConnection, type ConnectionFlags } from './connection.js'
import { UsageError } from './usage-error.js'

/** `coinslot ready`: whether a running sandbox is up and seeded. */
export function readyCommand(): Command {
  return withConnection(new Command('ready').description('exit 0 when a running sandbox is up and seeded'))
    .option('--wait <seconds>', 'wait this long for it', '0')
    .action(async ({ wait, json, ...flags }: ConnectionFlags & { wait: string }) => {
      const seconds = Number(wait)
      if (!Number.isFinite(seconds) || seconds < 0) throw new UsageError(`--wait ${wait} will not do; give a number of seconds.`)
      const client = connect(flags)
      const until = performance.now() + seconds * 1000
      for (;;) {
        try {
          const health = await client.call<{ version: string; vendors: string[] }>('GET', 'health')
          process.stdout.write(
            json ? `${JSON.stringify(health)}\n` : `ready: ${flags.url}, version ${health.version}, ${health.vendors.join(' ')}\n`,
          )
          return
        } catch (error) {
          if (!(error instanceof Problem) || performance.now() >= until) throw error
          await pause(Math.min(200, Math.max(0, until - performance.now())))
        }
      }
    })
}
