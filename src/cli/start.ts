import { Command } from 'commander'
import type { Config } from '../sandbox/config.js'
import { performance, setTimeout } from '../kernel/timers.js'
import type { RunningSandbox } from '../sandbox/start.js'
import { notStopped, stopLimitMs } from '../sandbox/stop.js'
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
    const signal = stopSignal()
    // Loaded here, so that the other commands and --help do not wait for it.
    const { startSandbox } = await import('../sandbox/start.js')
    const running = await Promise.race([startSandbox({ config, report: log.warn }), signal.expired])
    if (running === undefined) {
      log.warn(notStopped('the start'))
      process.exit(1)
    }
    let isStopped = false
    try {
      announce(running, config, log)
      await signal.received
    } finally {
      isStopped = await running.stop(signal.msLeft())
    }
    process.exit(isStopped ? 0 : 1)
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

/** The first SIGINT or SIGTERM; a second one ends the process at once. */
interface StopSignal {
  received: Promise<void>
  /** Resolves when the time for a stop is over. */
  expired: Promise<undefined>
  /** Milliseconds that are left for the stop. */
  msLeft(): number
}

function stopSignal(): StopSignal {
  let receivedAt: number | undefined
  const msLeft = () => stopLimitMs - (receivedAt === undefined ? 0 : performance.now() - receivedAt)
  const received = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.on(name, () => {
        if (receivedAt !== undefined) process.exit(1)
        receivedAt = performance.now()
        resolve()
      })
    }
  })
  const expired = received.then(() => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), stopLimitMs).unref()))
  return { received, expired, msLeft }
}
