import { Command } from 'commander'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { wrongKind } from '../kernel/document-kind.js'
import { BadRequest } from '../kernel/problem.js'
import { isWorkspaceName } from '../workspace/workspaces.js'
import { clientFor, connect, findConnection, withConnection, workspaceOf, type ConnectionFlags } from './connection.js'
import { counted, printResult } from './output.js'
import { withExamples } from './usage.js'
import { sentence } from '../kernel/show.js'
import { writeAsSent } from '../kernel/json/as-sent.js'

/** `coinslot session`: writes what a workspace shows into a file, and opens such a file for another person. */
export function sessionCommand(): Command {
  const session = new Command('session').description('save what a workspace shows as a file, or open such a file')
  withExamples(session, ['coinslot session save lost-purchase.json', 'coinslot session open lost-purchase.json'])
  return session.addCommand(saveCommand()).addCommand(openCommand())
}

function saveCommand(): Command {
  const command = withConnection(new Command('save').description('save requests, rows, clock, faults and webhooks of a workspace'))
    .argument('<file>', 'file to write, or - for standard output')
    .option('--keep-secrets', 'with keys and tokens, so that every request can be replayed; else <redacted> is in their place')
  withExamples(command, ['coinslot session save lost-purchase.json', 'coinslot session save bug.json --workspace ci-7'])
  return command.action(async (file: string, flags: ConnectionFlags & { keepSecrets?: boolean }) => {
    const document = await connect(flags).call<{ workspace: string; traffic: { entries: unknown[] } }>(
      'GET',
      `session${flags.keepSecrets ? '?secrets=keep' : ''}`,
    )
    const text = `${writeAsSent(document)}\n`
    if (file === '-') return void process.stdout.write(text)
    try {
      writeFileSync(file, text)
    } catch (error) {
      throw unusable(file, 'written', error)
    }
    const requests = counted(document.traffic.entries.length, 'request')
    printResult(
      flags,
      { file, requests: document.traffic.entries.length },
      `${file}: saved workspace ${document.workspace} with ${requests}`,
    )
  })
}

function openCommand(): Command {
  const command = withConnection(new Command('open').description('open a session as a workspace of the running sandbox')).argument(
    '<file>',
    'file that "session save" wrote',
  )
  withExamples(command, ['coinslot session open lost-purchase.json', 'coinslot session open bug.json --workspace from-ann'])
  return command.action(async (file: string, flags: ConnectionFlags) => {
    const document = readSession(file)
    const connection = findConnection(flags)
    const name = workspaceOf(flags) ?? nameFrom(file)
    const opened = await clientFor(connection, undefined).call<{ entries: number; page: string; savedAt: string }>(
      'PUT',
      `workspaces/${encodeURIComponent(name)}/session`,
      document,
    )
    const page = new URL(opened.page, connection.url).href
    const text = `workspace ${name} has ${counted(opened.entries, 'request')}; its clock stands at ${opened.savedAt}\nopen ${page}`
    printResult(flags, { ...opened, page }, text)
  })
}

function readSession(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw unusable(file, 'read', error)
  }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw unusable(file, 'opened', error)
  }
  const other = wrongKind(document, 'session', file)
  if (other) throw new BadRequest({ type: 'session-file', title: other, detail: '' })
  return document
}

function unusable(file: string, what: string, error: unknown): BadRequest {
  return new BadRequest({
    type: 'session-file',
    title: 'The session file cannot be used.',
    detail: `${file} cannot be ${what}: ${sentence((error as Error).message)}`,
  })
}

/** The name of a file as a workspace name: `Lost Purchase.json` is `lost-purchase`. */
function nameFrom(file: string): string {
  const name = basename(file)
    .replace(/\.json$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60)
  return isWorkspaceName(name) && name !== 'default' ? name : 'session'
}
