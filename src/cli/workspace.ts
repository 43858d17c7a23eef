import { Command } from 'commander'
import { clientFor, findConnection, withAddress, type ConnectionFlags } from './connection.js'
import { counted, printResult } from './output.js'
import { UsageError, withExamples } from './usage.js'

type AddressFlags = Omit<ConnectionFlags, 'workspace'>

interface WorkspaceView {
  name: string
  rows: number
  ports: number[]
  credentials: { vendor: string; value: string }[]
}

/** `coinslot workspace`: the workspaces of a running sandbox. */
export function workspaceCommand(): Command {
  const workspace = new Command('workspace').description('list, create or remove workspaces of a running sandbox')
  withExamples(workspace, ['coinslot workspace list', 'coinslot workspace add ci-7', 'coinslot workspace remove default'])
  return workspace.addCommand(listCommand()).addCommand(addCommand()).addCommand(removeCommand())
}

function listCommand(): Command {
  const command = withAddress(new Command('list').description('list the workspaces with what they claim'))
  withExamples(command, ['coinslot workspace list', 'coinslot workspace list --json'])
  return command.action(async (flags: AddressFlags) => {
    const list = await clientFor(findConnection(flags), undefined).call<{ workspaces: WorkspaceView[] }>('GET', 'workspaces')
    printResult(flags, list, list.workspaces.map(describe).join('\n') || 'No workspaces yet.')
  })
}

function addCommand(): Command {
  const command = withAddress(new Command('add').description('create a workspace; what it claimed before is replaced'))
  withExamples(command, ['coinslot workspace add ci-7', 'coinslot workspace add ci-7 --port 0 --credential teak=ci7-game'])
  return command
    .argument('<name>', 'a to z, 0 to 9 and "-"')
    .option('--port <n>', 'port of its own; 0 = any free port')
    .option('--credential <vendor=value>', 'credential that leads to it; repeatable', collect)
    .action(async (name: string, { port, credential = [], ...flags }: AddressFlags & { port?: string; credential?: string[] }) => {
      if (port !== undefined && !/^\d{1,5}$/.test(port)) throw new UsageError(`--port: invalid value "${port}"; give a number.`)
      const claims = { ...(port !== undefined && { port: Number(port) }), credentials: credential.map(credentialFrom) }
      const client = clientFor(findConnection(flags), undefined)
      const made = await client.call<WorkspaceView>('PUT', `workspaces/${encodeURIComponent(name)}`, claims)
      printResult(flags, made, describe(made))
    })
}

function removeCommand(): Command {
  const command = withAddress(
    new Command('remove').description('delete a workspace with its rows, requests and claims; default starts again from its seed'),
  )
  withExamples(command, ['coinslot workspace remove default'])
  return command.argument('<name>', 'a workspace of "workspace list"').action(async (name: string, flags: AddressFlags) => {
    await clientFor(findConnection(flags), undefined).call('DELETE', `workspaces/${encodeURIComponent(name)}`)
    printResult(flags, { removed: name }, `removed ${name}`)
  })
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

function credentialFrom(text: string): { vendor: string; value: string } {
  const [, vendor, value] = /^([^=]+)=(.+)$/s.exec(text) ?? []
  if (vendor === undefined || value === undefined) throw new UsageError(`--credential: "${text}" is not of the form vendor=value.`)
  return { vendor, value }
}

function describe({ name, rows, ports, credentials }: WorkspaceView): string {
  const claims = [...ports.map((port) => `port ${port}`), ...credentials.map(({ vendor, value }) => `${vendor} ${value}`)]
  return [`${name.padEnd(24)} ${counted(rows, 'row')}`, ...claims].join(', ')
}
