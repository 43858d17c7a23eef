import { Command } from 'commander'
import { connect, withConnection, type ConnectionFlags } from './connection.js'
import { withExamples } from './usage.js'
import { counted, printResult } from './output.js'

/** `coinslot reset`: a workspace back to its seed. */
export function resetCommand(): Command {
  const command = withConnection(new Command('reset').description('put a workspace of a running sandbox back to its seed'))
  withExamples(command, ['coinslot reset', 'coinslot reset --workspace ci-7'])
  return command.action(async (flags: ConnectionFlags) => {
    const client = connect(flags)
    await client.call('POST', 'reset')
    // An address or a port may name it as well.
    const { workspace } = await client.call<{ workspace: string }>('GET', 'devices')
    printResult(flags, { reset: workspace }, `${workspace} is back to its seed`)
  })
}

/** `coinslot snapshot`: saves the state of a workspace by name, and restores it. */
export function snapshotCommand(): Command {
  const snapshot = new Command('snapshot').description('save, restore, list or delete the state of a running sandbox')
  withExamples(snapshot, ['coinslot snapshot save before-sale', 'coinslot snapshot restore before-sale', 'coinslot snapshot list'])
  snapshot.addCommand(named('save', 'save the state under this name', 'PUT', (name) => `snapshots/${name}`))
  snapshot.addCommand(named('restore', 'restore a saved state', 'POST', (name) => `snapshots/${name}/restore`))
  snapshot.addCommand(named('delete', 'delete a saved state', 'DELETE', (name) => `snapshots/${name}`))
  snapshot.addCommand(
    withConnection(withExamples(new Command('list').description('list the saved states'), ['coinslot snapshot list --json'])).action(
      async (flags: ConnectionFlags) => {
        const list = await connect(flags).call<{ snapshots: { name: string; at: string | null; rows: number | null }[] }>(
          'GET',
          'snapshots',
        )
        const lines = list.snapshots.map(
          ({ name, at, rows }) => `${name.padEnd(24)} ${rows === null ? 'damaged' : `${at}  ${counted(rows, 'row')}`}`,
        )
        printResult(flags, list, lines.length > 0 ? lines.join('\n') : 'No snapshots yet.')
      },
    ),
  )
  return snapshot
}

function named(verb: 'save' | 'restore' | 'delete', description: string, method: string, path: (name: string) => string): Command {
  const command = withExamples(withConnection(new Command(verb).description(description)), [`coinslot snapshot ${verb} before-sale`])
  return command.argument('<name>', 'a to z, 0 to 9 and "-"').action(async (name: string, flags: ConnectionFlags) => {
    await connect(flags).call(method, path(encodeURIComponent(name)))
    printResult(flags, { [verb]: name }, `${verb}d ${name}`)
  })
}
