import { Command } from 'commander'
import type { Check } from '../doctor/check.js'
import { readSandboxUrl } from '../kernel/sandbox-url.js'
import { colorsFor, outputWidth, wrapText, type Colors } from './output.js'
import { readSettings, withSettings } from './settings.js'
import { UsageError, withExamples } from './usage.js'

/** `coinslot doctor`: what on this machine keeps a game from the sandbox, and how to correct it. */
export function doctorCommand(): Command {
  const command = withSettings(
    new Command('doctor')
      .summary('check Node, ports, data directory, names, trust and clock')
      .description(
        'Checks Node, ports, data directory, clock, vendor names and TLS trust, and says how to correct each. Names and trust are needed with --native-ports or --tls only.',
      ),
    {
      only: ['host', 'port', 'data', 'memory', 'vendors', 'vendor', 'nativePorts', 'tls', 'tlsName', 'dnsPort', 'controlToken'],
    },
  )
  withExamples(command, ['coinslot doctor', 'coinslot doctor --native-ports', 'coinslot doctor --json'])
  return command
    .option('--url <url>', 'running sandbox (else COINSLOT_URL, else the settings)')
    .option('--json', 'print JSON')
    .action(async ({ url, json, ...flags }: { url?: string; json?: boolean }) => {
      const config = readSettings(flags, { env: process.env, file: 'coinslot.config.json' })
      const { examineAll } = await import('../doctor/examine-all.js')
      const checks = await examineAll(config, namedUrl(url))
      const ok = checks.every((check) => check.ok || check.needed === false)
      const colors = colorsFor(process.stdout)
      const text = json ? JSON.stringify({ ok, checks }) : checks.map((check) => linesOf(check, colors)).join('\n')
      // Look-ups that time out would keep the process alive.
      process.stdout.write(`${text}\n`, () => process.exit(ok ? 0 : 1))
    })
}

function namedUrl(flag: string | undefined): string | undefined {
  const text = flag ?? process.env['COINSLOT_URL']
  if (text === undefined || text === '') return undefined
  try {
    return readSandboxUrl(text)
  } catch (error) {
    throw new UsageError(`Invalid address "${text}" (${(error as Error).message}). Give one such as http://127.0.0.1:4010.`)
  }
}

function linesOf({ name, ok, detail, mend, needed }: Check, colors: Colors): string {
  const width = outputWidth()
  const isUnused = !ok && needed === false
  const word = ok ? colors.green('ok    ') : isUnused ? 'unused' : colors.red('wrong ')
  const indent = ' '.repeat('unused '.length + 20)
  const [first = '', ...others] = wrapText(detail, { width, indent })
  const advice = mend === undefined || isUnused ? [] : wrapText(mend, { width, indent })
  return [`${word} ${name.padEnd(20)}${first.slice(indent.length)}`, ...others, ...advice].join('\n')
}
