import { Command } from 'commander'
import { connect, withConnection, type ConnectionFlags } from './connection.js'

/** `coinslot reset`: a workspace back to its seed. */
export function resetCommand(): Command {
  return withConnection(new Command('reset').description('put a running sandbox back to its seed')).action(
    async (flags: ConnectionFlags) => {
      await connect(flags).call('POST', 'reset')
      say(flags, { reset: flags.workspace ?? 'default' }, `${flags.workspace ?? 'default'} is back to its seed`)
    },
  )
}

/** `coinslot snapshot`: keep a workspace's state by name, and bring it back. */
export function snapshotCommand(): Command {
  const snapshot = new Command('snapshot').description('save, restore, list or delete the state of a running sandbox')
  snapshot.addCommand(named('save', 'keep the state by this name', 'PUT', (name) => `snapshots/${name}`))
  snapshot.addCommand(named('restore', 'bring a kept state back', 'POST', (name) => `snapshots/${name}/restore`))
  snapshot.addCommand(named('delete', 'forget a kept state', 'DELETE', (name) => `snapshots/${name}`))
  snapshot.addCommand(
    withConnection(new Command('list').description('the kept states')).action(async (flags: ConnectionFlags) => {
      const list = await connect(flags).call<{ snapshots: { name: string; at: string; rows: number }[] }>('GET', 'snapshots')
      const lines = list.snapshots.map(({ name, at, rows }) => `${name.padEnd(24)} ${at}  ${rows} rows`)
      say(flags, list, lines.length > 0 ? lines.join('\n') : 'No snapshots yet.')
    }),
  )
  return snapshot
}

function named(verb: string, description: string, method: string, path: (name: string) => string): Command {
  return withConnection(new Command(verb).description(description))
    .argument('<name>', 'a to z, 0 to 9 and "-"')
    .action(async (name: string, flags: ConnectionFlags) => {
      await connect(flags).call(method, path(encodeURIComponent(name)))
      say(flags, { [verb]: name }, `${verb}d ${name}`)
    })
}

function say(flags: ConnectionFlags, value: unknown, text: string): void {
  process.stdout.write(`${flags.json ? JSON.stringify(value) : text}\n`)
}
