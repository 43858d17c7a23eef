import { Command } from 'commander'
import type { RunningSandbox } from '../start.js'
import { readSettings, withSettings } from './settings.js'
import { logOf } from './log.js'
import { UsageError } from './usage-error.js'

/** `coinslot [start]`: runs the sandbox until it is told to stop. */
export function startCommand(): Command {
  const command = withSettings(new Command('start').description('run the sandbox')).allowExcessArguments()
  return command.action(async (flags: Record<string, unknown>) => {
    const [stray] = command.args
    if (stray !== undefined) throw new UsageError(`There is no command "${stray}"; coinslot --help lists them.`)
    const config = readSettings(flags, { env: process.env, file: 'coinslot.config.json' })
    const log = logOf(config.log)
    // Loaded here, so that the other commands and --help do not wait for it.
    const { startSandbox } = await import('../start.js')
    const running = await startSandbox({ config, report: log.warn })
    running.sandbox.core.onExchange(log.exchange)
    log.listening(running.url, { vendors: running.sandbox.core.vendors.map(({ id }) => id), data: config.memory ? null : config.data })
    await stopped(running)
  })
}

/** Waits for SIGINT or SIGTERM and stops; a second signal ends the process at once. */
async function stopped(running: RunningSandbox): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        resolve()
      })
    }
  })
  await running.stop()
  process.exit(0)
}
