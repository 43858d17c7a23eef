import { entriesOf } from '../client/entries.js'
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { Command, Option } from 'commander'
import type { TrafficEntry } from '../client/types.js'
import { controlClient, type ControlClient } from '../client/control-client.js'
import { entryText } from './entry-text.js'
import { logOf } from './log.js'
import { colorsFor, continueWithoutOutput, counted, outputWidth } from './output.js'
import { readSettings, withSettings } from './settings.js'
import { UsageError, withExamples } from './usage.js'
import { windowsProgram } from './windows-program.js'

type Flags = Record<string, unknown> & { minCoverage?: string; report?: string }

/** `coinslot exec -- COMMAND`: a sandbox for the length of one command, whose exit code it passes on. */
export function execCommand(): Command {
  const command = withSettings(
    new Command('exec')
      .summary('start, run a command against it, stop')
      .description('start on a free port, run a command with COINSLOT_URL and COINSLOT_<VENDOR>_URL set, stop; exits with its exit code'),
    { except: ['port', 'log'] },
  )
  withExamples(command, ['coinslot exec --memory -- node --version', 'coinslot exec --memory --report traffic.har -- node --version'])
  return command
    .addOption(new Option('--port <n>', 'port to listen on (default: any free port)'))
    .addOption(new Option('--log <form>', 'pretty, json or silent (default: silent)'))
    .addOption(new Option('--min-coverage <percent>', 'exit 1 if fewer outcomes were met, in all workspaces'))
    .addOption(new Option('--report <file>', 'write the traffic of all workspaces, HAR'))
    .argument('<command...>', 'after --: the command and its arguments')
    .passThroughOptions()
    .action(async (words: string[], { minCoverage, report, ...flags }: Flags) => {
      const least = minCoverage === undefined ? undefined : percentOf(minCoverage)
      const notes: string[] = []
      const defaults = { port: 0, log: 'silent' as const }
      const settings = { env: process.env, file: 'coinslot.config.json', defaults, note: (text: string) => notes.push(text) }
      const config = readSettings(flags, settings)
      continueWithoutOutput()
      const log = logOf(config.log)
      notes.forEach(log.warn)
      const { startSandbox } = await import('../sandbox/start.js')
      const running = await startSandbox({ config, report: log.warn })
      const clientOf = (workspace: string | undefined) =>
        controlClient((path, init) => running.sandbox.fetch(new Request(`http://127.0.0.1${path}`, init)), {
          workspace,
          token: config.controlToken,
          url: running.url,
        })
      try {
        const vendors = running.sandbox.context.vendors.map(({ id }) => [`COINSLOT_${id.toUpperCase()}_URL`, `${running.url}/${id}`])
        const code = await runCommand(words, {
          COINSLOT_URL: running.url,
          ...(Object.fromEntries(vendors) as Record<string, string>),
        })
        process.exitCode = code
        if (code !== 0) await printRefusals(clientOf)
        if (report !== undefined) await writeReport(report, clientOf)
        if (least !== undefined && code === 0) process.exitCode = (await coveredEnough(clientOf(undefined), least)) ? 0 : 1
      } finally {
        // A step that hangs keeps the process alive.
        if (!(await running.stop())) process.exit()
      }
    })
}

function runCommand([file = '', ...args]: string[], env: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const program = process.platform === 'win32' ? windowsProgram(file, args, { env: process.env }) : { file, args, isVerbatim: false }
    const options = { stdio: 'inherit', env: { ...process.env, ...env }, windowsVerbatimArguments: program.isVerbatim } as const
    const child = spawn(program.file, program.args, options)
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

type ClientOf = (workspace: string | undefined) => ControlClient

async function workspaceNames(clientOf: ClientOf): Promise<string[]> {
  const { workspaces } = await clientOf(undefined).call<{ workspaces: { name: string }[] }>('GET', 'workspaces')
  return workspaces.map(({ name }) => name)
}

/** Prints what was refused while the command ran, as the traffic of a sandbox in memory ends with it. */
async function printRefusals(clientOf: ClientOf): Promise<void> {
  const refusals: TrafficEntry[] = []
  for (const name of await workspaceNames(clientOf)) {
    const entries = await entriesOf(clientOf(name), new URLSearchParams({ limit: '1000' }))
    refusals.push(...entries.filter(isRefusal).toReversed())
  }
  if (refusals.length === 0) return
  const shown = refusals.slice(-shownRefusals)
  const more = refusals.length > shown.length ? `, the last ${shown.length}` : ''
  const colors = colorsFor(process.stderr)
  const lines = shown.map((entry) => {
    const place = entry.workspace === 'default' ? '' : `workspace ${entry.workspace}\n`
    return place + entryText(entry, colors, outputWidth(process.stderr))
  })
  process.stderr.write(
    `coinslot: the command failed; ${counted(refusals.length, 'request was', 'requests were')} refused${more}:\n${lines.join('\n')}\n`,
  )
}

const shownRefusals = 20

/** Game of Whales refuses a receipt with status 200. */
function isRefusal({ verdict }: TrafficEntry): boolean {
  return verdict === 'refused' || verdict === 'failed'
}

interface Archive {
  log: { entries: { startedDateTime: string }[] }
}

async function writeReport(file: string, clientOf: ClientOf): Promise<void> {
  const archives: Archive[] = []
  for (const name of await workspaceNames(clientOf)) archives.push(await clientOf(name).call<Archive>('GET', 'traffic.har'))
  const [first] = archives
  if (!first) return
  const entries = archives
    .flatMap(({ log }) => log.entries)
    .sort((one, other) => Date.parse(one.startedDateTime) - Date.parse(other.startedDateTime))
  try {
    await writeFile(file, `${JSON.stringify({ log: { ...first.log, entries } }, null, 2)}\n`)
  } catch (error) {
    throw new UsageError(`--report ${file} cannot be written: ${(error as Error).message}. Name another file.`)
  }
}

interface Coverage {
  percent: number
  vendors: Record<string, { percent: number; missing: string[] }>
}

async function coveredEnough(client: ControlClient, least: number): Promise<boolean> {
  const { percent, vendors } = await client.call<Coverage>('GET', 'coverage?workspaces=all')
  process.stderr.write(`coinslot: outcome coverage ${percent}%, required ${least}%\n`)
  if (percent >= least) return true
  for (const [vendor, { missing }] of Object.entries(vendors)) {
    if (missing.length > 0) process.stderr.write(`coinslot: ${vendor} never met ${missing.join(', ')}\n`)
  }
  return false
}

function percentOf(text: string): number {
  const percent = Number(text)
  if (Number.isFinite(percent) && percent >= 0 && percent <= 100) return percent
  throw new UsageError(`--min-coverage ${text}: invalid value; give a percentage from 0 to 100.`)
}
