import { Command } from 'commander'
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
    // From here on, so that a signal in the middle of the start still ends in an orderly stop.
    const told = toldToStop()
    // Loaded here, so that the other commands and --help do not wait for it.
    const { startSandbox } = await import('../start.js')
    const running = await startSandbox({ config, report: log.warn })
    running.sandbox.core.onExchange(log.exchange)
    const { isTls, native, dns } = running.ports
    log.listening(running.url, {
      vendors: running.sandbox.core.vendors.map(({ id }) => id),
      data: config.memory ? null : config.data,
      tls: isTls,
      nativePorts: native.flatMap((one) => ('port' in one ? [one.port] : [])),
      dnsPort: dns && 'port' in dns ? dns.port : null,
    })
    for (const one of native) if ('refused' in one) log.warn(`Port ${one.documented} is not open. ${one.refused}`)
    if (dns && 'refused' in dns) log.warn(`DNS is not answered. ${dns.refused}`)
    await told
    await running.stop()
    process.exit(0)
  })
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        resolve()
      })
    }
  })
}
