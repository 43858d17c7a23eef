import { readFile } from 'node:fs/promises'
import { buffer as readStream } from 'node:stream/consumers'
import { Command } from 'commander'
import pc from 'picocolors'
import type { Inspection } from '../api/receipts.js'
import { withConnection, type ConnectionFlags } from './connection.js'
import { withSandbox } from './offline.js'
import { UsageError } from './usage-error.js'

/** `coinslot inspect`: what a receipt says, each check, and what each vendor would answer. */
export function inspectCommand(): Command {
  return withConnection(new Command('inspect').description('decode any receipt and say why it would or would not be accepted'))
    .argument('<file>', 'a file with the receipt, or - for standard input')
    .action(async (file: string, flags: ConnectionFlags, command: Command) => {
      const receipt = textOf(await readInput(file))
      const inspection = await withSandbox(flags, command, (client) => client.call<Inspection>('POST', 'receipts/inspect', { receipt }))
      process.stdout.write(flags.json ? `${JSON.stringify(inspection)}\n` : `${describe(inspection)}\n`)
    })
}

async function readInput(file: string): Promise<Buffer> {
  try {
    return file === '-' ? await readStream(process.stdin) : await readFile(file)
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}. Give a file with a receipt, or - for standard input.`)
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

function describe({ format, claims, checks, vendors }: Inspection): string {
  const lines = [pc.bold(format)]
  for (const [name, value] of Object.entries((claims ?? {}) as Record<string, unknown>)) {
    lines.push(`  ${name.padEnd(22)} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  }
  lines.push('', pc.bold('checks'))
  for (const { name, ok, detail } of checks) lines.push(`  ${mark(ok)} ${name.padEnd(12)} ${detail}`)
  lines.push('', pc.bold('answers'))
  for (const { vendor, answer, unwrapped } of vendors) {
    lines.push(`  ${vendor.padEnd(14)} ${answer}`)
    if (unwrapped !== undefined) lines.push(`  ${''.padEnd(14)} ${unwrapped}`)
  }
  return lines.join('\n')
}

function mark(ok: boolean | null): string {
  if (ok === null) return pc.yellow('open')
  return ok ? pc.green('pass') : pc.red('fail')
}
