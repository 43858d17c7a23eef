import { Command } from 'commander'
import type { ControlClient } from '../client/control-client.js'
import { problemFrom } from '../client/control-client.js'
import { clientFor, findConnection, withConnection, workspaceOf, type ConnectionFlags } from './connection.js'
import { runningClient, withPackagedSandbox } from './offline.js'
import { withExamples } from './usage.js'

/** `coinslot key`: the credential of the default seed, in the form in which client libraries load it. */
export function keyCommand(): Command {
  const command = withConnection(
    new Command('key')
      .summary('print the credential that a client library loads')
      .description(
        'print the private credential of the default seed, as the file that client\nlibraries of the vendor load: published, and worthless outside of a sandbox',
      ),
  )
  withExamples(command, ['coinslot key samsung > service-account.pem'])
  return command.argument('<vendor>', 'a vendor that has one, such as samsung').action(async (vendor: string, flags: ConnectionFlags) => {
    const connection = findConnection(flags)
    const running = connection.isNamed ? clientFor(connection, workspaceOf(flags)) : await runningClient(connection, flags)
    const print = async (client: ControlClient) => void process.stdout.write(await keyOf(client, vendor, connection.url))
    await (running ? print(running) : withPackagedSandbox(print))
  })
}

async function keyOf(client: ControlClient, vendor: string, url: string): Promise<string> {
  const reply = await client.send('GET', `vendors/${encodeURIComponent(vendor)}/key`)
  const text = await reply.text()
  if (reply.ok) return text
  throw problemFrom(reply, text, url)
}
