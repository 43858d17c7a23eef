import { Command } from 'commander'
import type { Config } from '../sandbox/config.js'
import type { RunningSandbox } from '../sandbox/start.js'
import { logOf, type Log } from './log.js'
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
    try {
      announce(running, config, log)
      await stopped
    } finally {
      await running.stop()
    }
    process.exit(0)
  })
}

/** Logs the address and what is unusual about this start. */
function announce({ sandbox, url, ports }: RunningSandbox, config: Config, log: Log): void {
  sandbox.context.onEntry(log.entry)
  const { isTls, native, dns } = ports
  const vendors = sandbox.context.vendors.map(({ id }) => id)
  log.listening(url, {
    vendors,
    data: config.memory ? null : config.data,
    tls: isTls,
    nativePorts: native.flatMap((one) => ('port' in one ? [one.port] : [])),
    dnsPort: dns && 'port' in dns ? dns.port : null,
    tries: firstTries(url, vendors),
  })
  for (const one of native) if ('refused' in one) log.warn(`Port ${one.documented} is not open. ${one.refused}`)
  if (dns && 'refused' in dns) log.warn(`DNS is not answered. ${dns.refused}`)
  // Not awaited, because a store that is slow or unreachable must not delay the stop.
  void unusualFacts(sandbox.context.workspaces, config).then(
    (facts) => facts.forEach(log.warn),
    (error: unknown) =>
      log.warn(`Clocks, faults and stores could not be checked. ${error instanceof Error ? error.message : String(error)}`),
  )
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
