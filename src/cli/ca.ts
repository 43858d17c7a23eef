import { Command, Option } from 'commander'
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { InternalError, NotFound, Problem } from '../kernel/problem.js'
import { clientFor, findConnection, withConnection, workspaceOf, type ConnectionFlags } from './connection.js'
import { withExamples } from './usage.js'
import { installHint, installTargets, type InstallTarget } from './install-hints.js'
import { print } from './output.js'
import { readSettings } from './settings.js'

interface Flags extends ConnectionFlags {
  data?: string
  out?: string
  installHint?: InstallTarget
}

/** `coinslot ca`: the certificate to trust, and the commands by which a system trusts it. */
export function caCommand(): Command {
  const command = withConnection(
    new Command('ca')
      .summary('print the local CA certificate')
      .description('print the local CA certificate (PEM), or how to make a system trust it'),
  )
  withExamples(command, ['coinslot ca --out coinslot-ca.pem', 'coinslot ca --install-hint node'])
  return command
    .option('--data <dir>', 'read it from this data directory, not from a running sandbox')
    .option('--out <file>', 'write it to a file')
    .addOption(new Option('--install-hint <system>', 'print how to make a system trust it').choices(installTargets))
    .action(async (flags: Flags) => {
      if (flags.installHint) return print(installHint(flags.installHint))
      const certificate = await certificateFor(flags)
      if (flags.out !== undefined) write(flags.out, certificate)
      if (flags.json) print(JSON.stringify(describe(certificate)))
      else if (flags.out === undefined) process.stdout.write(certificate)
    })
}

/** The running sandbox's certificate; if none was named and none answers, that of the data directory a start would use. */
async function certificateFor(flags: Flags): Promise<string> {
  if (flags.data !== undefined) return fromData(flags.data)
  const connection = findConnection(flags)
  try {
    const reply = await clientFor(connection, workspaceOf(flags)).send('GET', 'ca.pem')
    const text = await reply.text()
    if (reply.ok) return text
    const { problemFrom } = await import('../client/control-client.js')
    throw problemFrom(reply, text, connection.url)
  } catch (error) {
    if (connection.isNamed || !(error instanceof Problem) || error.type !== 'no-sandbox') throw error
    return fromData(readSettings({}, { env: process.env, file: 'coinslot.config.json' }).data)
  }
}

async function fromData(data: string): Promise<string> {
  const { certificateFile } = await import('../tls/authority-files.js')
  try {
    const certificate = readFileSync(certificateFile(data), 'utf8')
    await warnOfRenewal(certificate)
    return certificate
  } catch (error) {
    throw new NotFound({
      type: 'no-authority',
      title: 'There is no certificate yet.',
      detail: `${certificateFile(data)}: ${(error as Error).message}. Start the sandbox on this data directory with --tls or --native-ports.`,
    })
  }
}

/** Says on standard error if the next start with the settings of this folder replaces the authority, because clients must trust that one. */
async function warnOfRenewal(certificate: string): Promise<void> {
  const [{ examineCertificate }, { neededNames }, { chooseVendors, loadRoster }, { realTime }] = await Promise.all([
    import('../tls/authority.js'),
    import('../tls/sandbox-authority.js'),
    import('../sandbox/roster.js'),
    import('../kernel/clock.js'),
  ])
  const config = readSettings({}, { env: process.env, file: 'coinslot.config.json' })
  const vendors = chooseVendors(await loadRoster(config.vendor), config.vendors)
  const examined = examineCertificate(certificate, neededNames(config, vendors), realTime())
  if (examined.ok) return
  process.stderr.write(
    `The next start replaces this certificate authority: ${examined.reason}. Start the sandbox with --tls first, and trust the new one.\n`,
  )
}

function write(file: string, certificate: string): void {
  try {
    writeFileSync(file, certificate)
  } catch (error) {
    throw new InternalError({
      type: 'not-written',
      title: 'The certificate was not written.',
      detail: `${(error as Error).message}. Name another file with --out.`,
    })
  }
}

function describe(certificate: string) {
  const { subject, fingerprint256, validFrom, validTo } = new X509Certificate(certificate)
  return { subject: subject.replaceAll('\n', ', '), fingerprint256, validFrom, validTo, pem: certificate }
}
