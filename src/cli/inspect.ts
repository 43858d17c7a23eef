import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { Command } from 'commander'
import type { Inspection } from '../client/receipts.js'
import type { ControlClient } from '../client/control-client.js'
import { findConnection, withConnection, type ConnectionFlags } from './connection.js'
import { runningClient, withPackagedSandbox } from './offline.js'
import { colorsFor, outputWidth, printResult, wrapText, type Colors } from './output.js'
import { UsageError, withExamples } from './usage.js'
import { sentence } from '../kernel/show.js'
import { writeAsSent } from '../kernel/json/as-sent.js'

/** `coinslot inspect`: the content of a receipt, each check, and the answer of each vendor. */
export function inspectCommand(): Command {
  const command = withConnection(
    new Command('inspect')
      .summary('decode a receipt and say why it is accepted or not')
      .description(
        'Decodes any receipt and says why it would or would not be accepted. The running sandbox judges; if none answers, the packaged seed does, and a note says so.',
      ),
  )
  withExamples(command, ['coinslot inspect receipt.json', 'coinslot mint google_play tamper=data | coinslot inspect -'])
  return command
    .argument('<file>', 'file with the receipt, or - for standard input')
    .action(async (file: string, flags: ConnectionFlags) => {
      const receipt = textOf(await readInput(file))
      const connection = findConnection(flags)
      const judge = (client: ControlClient) => client.call<Inspection>('POST', 'receipts/inspect', { receipt })
      const running = await runningClient(connection, flags)
      if (!running)
        process.stderr.write(`No sandbox answers at ${connection.url}: judged offline by the packaged seed, without recorded purchases.\n`)
      const inspection = await (running ? judge(running) : withPackagedSandbox(judge))
      printResult(flags, inspection, describe(inspection, colorsFor(process.stdout)))
    })
}

async function readInput(file: string): Promise<Buffer> {
  try {
    return file === '-' ? await buffer(process.stdin) : await readFile(file)
  } catch (error) {
    throw new UsageError(
      `${file} cannot be read: ${sentence((error as Error).message)} Give a file with a receipt, or - for standard input.`,
    )
  }
}

/**
 * The content of a file as it is, byte order mark and white space included, since the vendors are asked about exactly this text. Bytes
 * that are not UTF-8 become one character each, so that a binary or UTF-16 file is recognised.
 */
function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

function describe({ format, claims, checks, vendors }: Inspection, colors: Colors): string {
  const lines = [colors.bold(format)]
  for (const [name, value] of Object.entries((claims ?? {}) as Record<string, unknown>)) {
    lines.push(...aligned(`  ${name.padEnd(22)} `, typeof value === 'string' ? value : writeAsSent(value)))
  }
  lines.push('', colors.bold('checks'))
  for (const { name, ok, detail } of checks) {
    const [first = '', ...others] = aligned(`  ${wordOf(ok)} ${name.padEnd(12)} `, detail)
    lines.push(first.replace(wordOf(ok), paint(ok, colors)), ...others)
  }
  if (vendors.length > 0) lines.push('', colors.bold('answers'))
  for (const { vendor, answer, unwrapped } of vendors) {
    lines.push(...aligned(`  ${vendor.padEnd(14)} `, answer))
    if (unwrapped !== undefined) lines.push(...aligned(`  ${''.padEnd(14)} `, unwrapped))
  }
  return lines.join('\n')
}

/** Text behind a label, wrapped to the terminal below its own beginning. */
function aligned(label: string, text: string): string[] {
  const width = outputWidth()
  const [first = '', ...others] = wrapText(text, { width, indent: ' '.repeat(label.length) })
  return [label + first.slice(label.length), ...others]
}

function wordOf(ok: boolean | null): string {
  if (ok === null) return 'open'
  return ok ? 'pass' : 'fail'
}

function paint(ok: boolean | null, colors: Colors): string {
  if (ok === null) return colors.yellow('open')
  return ok ? colors.green('pass') : colors.red('fail')
}
