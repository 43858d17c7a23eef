import { readFile } from 'node:fs/promises'
import { text as readStream } from 'node:stream/consumers'
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
      const receipt = presented(await readInput(file))
      const inspection = await withSandbox(flags, command, (client) => client.call<Inspection>('POST', 'receipts/inspect', { receipt }))
      process.stdout.write(flags.json ? `${JSON.stringify(inspection)}\n` : `${describe(inspection)}\n`)
    })
}

async function readInput(file: string): Promise<string> {
  try {
    return file === '-' ? await readStream(process.stdin) : await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}. Give a file with a receipt, or - for standard input.`)
  }
}

/** A JSON object is given as one, and anything that `mint` prints is taken; everything else is the receipt's own text. */
function presented(input: string): unknown {
  const text = input.trim()
  if (!text.startsWith('{')) return text
  try {
    const value = JSON.parse(text) as Record<string, unknown>
    if (typeof value['purchase_data'] === 'string') return { purchaseData: value['purchase_data'], signature: value['purchase_signature'] }
    if (typeof value['purchaseData'] === 'string') return { purchaseData: value['purchaseData'], signature: value['signature'] }
    if (typeof value['receipt'] === 'string') return value['receipt']
    return typeof value['form'] === 'string' ? value['form'] : value
  } catch {
    return text
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
  for (const { vendor, answer } of vendors) lines.push(`  ${vendor.padEnd(14)} ${answer}`)
  return lines.join('\n')
}

function mark(ok: boolean | null): string {
  if (ok === null) return pc.yellow('open')
  return ok ? pc.green('pass') : pc.red('fail')
}
