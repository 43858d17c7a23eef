import { Command, Option } from 'commander'
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { Problem } from '../kernel/problem.js'
import { connect, withConnection, type ConnectionFlags } from './connection.js'
import { installHint, installTargets, type InstallTarget } from './install-hints.js'
import { readSettings } from './settings.js'

interface Flags extends ConnectionFlags {
  data?: string
  out?: string
  installHint?: InstallTarget
}

/** `coinslot ca`: the certificate to trust, and how a system is told to. */
export function caCommand(): Command {
  return withConnection(new Command('ca').description('the local CA certificate (PEM), or how to make a system trust it'))
    .option('--data <dir>', 'take it from this data directory instead of a running sandbox')
    .option('--out <file>', 'write it there')
    .addOption(new Option('--install-hint <system>', 'say how to make a system trust it').choices(installTargets))
    .action(async (flags: Flags, command: Command) => {
      if (flags.installHint) return void process.stdout.write(`${installHint(flags.installHint)}\n`)
      const certificate = await certificateFor(flags, command.getOptionValueSource('url') === 'default')
      if (flags.out !== undefined) write(flags.out, certificate)
      if (flags.json) process.stdout.write(`${JSON.stringify(describe(certificate))}\n`)
      else if (flags.out === undefined) process.stdout.write(certificate)
    })
}

/** The running sandbox's; where none was named and none answers, that of the data directory a start would use. */
async function certificateFor(flags: Flags, isUrlDefault: boolean): Promise<string> {
  if (flags.data !== undefined) return fromData(flags.data)
  try {
    const reply = await connect(flags).send('GET', 'ca.pem')
    const text = await reply.text()
    if (reply.ok) return text
    const { problemFrom } = await import('../client/control-client.js')
    throw problemFrom(reply, text, flags.url)
  } catch (error) {
    if (!isUrlDefault || !(error instanceof Problem) || error.type !== 'no-sandbox') throw error
    return fromData(readSettings({}, { env: process.env, file: 'coinslot.config.json' }).data)
  }
}

async function fromData(data: string): Promise<string> {
  const { certificateFile } = await import('../tls/authority-files.js')
  try {
    return readFileSync(certificateFile(data), 'utf8')
  } catch (error) {
    throw new Problem(
      404,
      'no-authority',
      'There is no certificate yet.',
      `${certificateFile(data)}: ${(error as Error).message}. Start the sandbox on this data directory with --tls or --native-ports.`,
    )
  }
}

function write(file: string, certificate: string): void {
  try {
    writeFileSync(file, certificate)
  } catch (error) {
    throw new Problem(500, 'not-written', 'The certificate was not written.', `${(error as Error).message}. Name another file with --out.`)
  }
}

function describe(certificate: string) {
  const { subject, fingerprint256, validFrom, validTo } = new X509Certificate(certificate)
  return { subject: subject.replaceAll('\n', ', '), fingerprint256, validFrom, validTo, pem: certificate }
}
