import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Command, Option } from 'commander'
import type { Config } from '../config.js'
import { logOf } from './log.js'
import { readSettings, withSettings } from './settings.js'
import { UsageError } from './usage-error.js'

/** `coinslot exec -- COMMAND`: a sandbox for the length of one command, whose exit code it passes on. */
export function execCommand(): Command {
  return withSettings(new Command('exec').description('start, run a command against it, stop'))
    .addOption(new Option('--min-coverage <percent>', 'exit 1 when less of the outcomes was met'))
    .argument('<command...>', 'after --: the command and its arguments')
    .passThroughOptions()
    .action(async (words: string[], { minCoverage, ...flags }: Record<string, unknown> & { minCoverage?: string }) => {
      const least = minCoverage === undefined ? undefined : percentOf(minCoverage)
      const config = readSettings(flags, { env: process.env, file: 'coinslot.config.json', defaults: { port: 0, log: 'silent' } })
      const log = logOf(config.log)
      const { startSandbox } = await import('../start.js')
      const running = await startSandbox({ config, report: log.warn })
      try {
        const vendors = running.sandbox.core.vendors.map(({ id }) => [`COINSLOT_${id.toUpperCase()}_URL`, `${running.url}/${id}`])
        process.exitCode = await runCommand(words, {
          COINSLOT_URL: running.url,
          ...(Object.fromEntries(vendors) as Record<string, string>),
        })
        if (least !== undefined && process.exitCode === 0)
          process.exitCode = (await coveredEnough(running.sandbox.fetch, config, least)) ? 0 : 1
      } finally {
        await running.stop()
      }
    })
}

function runCommand([file = '', ...args]: string[], env: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...env } })
    const pass = (signal: NodeJS.Signals) => child.kill(signal)
    process.on('SIGINT', pass)
    process.on('SIGTERM', pass)
    child.on('error', (error) =>
      reject(new UsageError(`${file} cannot be run: ${error.message}. Give a program that is on the PATH, after --.`)),
    )
    child.on('exit', (code, signal) => {
      process.off('SIGINT', pass)
      process.off('SIGTERM', pass)
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM'])
    })
  })
}

interface Coverage {
  percent: number
  vendors: Record<string, { percent: number; missing: string[] }>
}

async function coveredEnough(fetch: (request: Request) => Promise<Response>, { controlToken }: Config, least: number): Promise<boolean> {
  const headers: Record<string, string> = controlToken === undefined ? {} : { Authorization: `Bearer ${controlToken}` }
  const reply = await fetch(new Request('http://127.0.0.1/_sandbox/coverage', { headers }))
  const { percent, vendors } = (await reply.json()) as Coverage
  process.stderr.write(`coinslot: outcome coverage ${percent}%, asked for ${least}%\n`)
  if (percent >= least) return true
  for (const [vendor, { missing }] of Object.entries(vendors)) {
    if (missing.length > 0) process.stderr.write(`coinslot: ${vendor} never met ${missing.join(', ')}\n`)
  }
  return false
}

function percentOf(text: string): number {
  const percent = Number(text)
  if (Number.isFinite(percent) && percent >= 0 && percent <= 100) return percent
  throw new UsageError(`--min-coverage ${text} will not do; give a percentage from 0 to 100.`)
}
