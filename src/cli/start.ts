import { Command } from 'commander'
import { logOf } from './log.js'
import { continueWithoutOutput } from './output.js'
import { readSettings, withSettings } from './settings.js'
import { firstTries, unusualFacts } from './welcome.js'
import { UsageError, withExamples } from './usage.js'

/** `coinslot [start]`: runs the sandbox until SIGINT or SIGTERM. */
export function startCommand(): Command {
  const command = withSettings(new Command('start').description('run the sandbox')).allowExcessArguments()
  withExamples(command, ['coinslot start', 'coinslot --memory --port 0'])
  return command.action(async (flags: Record<string, unknown>) => {
    const [stray] = command.args
    if (stray !== undefined) throw new UsageError(`There is no command "${stray}"; "coinslot --help" lists them.`)
    const notes: string[] = []
    const config = readSettings(flags, { env: process.env, file: 'coinslot.config.json', note: (text) => notes.push(text) })
    continueWithoutOutput()
    const log = logOf(config.log)
    notes.forEach(log.warn)
    // From here on, so that a signal in the middle of the start still ends in an orderly stop.
    const stopped = stopSignal()
    // Loaded here, so that the other commands and --help do not wait for it.
    const { startSandbox } = await import('../sandbox/start.js')
    const running = await startSandbox({ config, report: log.warn })
    running.sandbox.context.onEntry(log.entry)
    const { isTls, native, dns } = running.ports
    const vendors = running.sandbox.context.vendors.map(({ id }) => id)
    log.listening(running.url, {
      vendors,
      data: config.memory ? null : config.data,
      tls: isTls,
      nativePorts: native.flatMap((one) => ('port' in one ? [one.port] : [])),
      dnsPort: dns && 'port' in dns ? dns.port : null,
      tries: firstTries(running.url, vendors),
    })
    for (const one of native) if ('refused' in one) log.warn(`Port ${one.documented} is not open. ${one.refused}`)
    if (dns && 'refused' in dns) log.warn(`DNS is not answered. ${dns.refused}`)
    for (const fact of await unusualFacts(running.sandbox.context.workspaces, config)) log.warn(fact)
    await stopped
    await running.stop()
    process.exit(0)
  })
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        resolve()
      })
    }
  })
}
