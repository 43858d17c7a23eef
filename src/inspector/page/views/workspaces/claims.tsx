import { useState } from 'preact/hooks'
import { useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { Form, TextField } from '../../parts/fields.js'
import { RefusalNote } from '../../parts/notes.js'
import type { Vendor, Workspace } from '../../shapes.js'

/** Claims of a workspace: a port, and credentials by vendor. */
export function Claims({ workspace, vendors, onDone }: { workspace: Workspace; vendors: readonly Vendor[]; onDone: () => void }) {
  const { name, ports, credentials } = workspace
  const [port, setPort] = useState(ports[0] === undefined ? '' : String(ports[0]))
  const [text, setText] = useState(credentials.map(({ vendor, value }) => `${vendor} ${value}`).join('\n'))
  const deed = useDeed(async () => {
    await ask('PUT', `workspaces/${encodeURIComponent(name)}`, {
      ...(port !== '' && { port: Number(port) }),
      credentials: text.split('\n').flatMap((line) => {
        const [vendor = '', ...value] = line.trim().split(/\s+/)
        return vendor === '' ? [] : [{ vendor, value: value.join(' ') }]
      }),
    })
    onDone()
  })
  const { refusal } = deed
  return (
    <Form label={`Claims of ${name}`} onSend={deed.run}>
      <TextField
        label="Port"
        name="port"
        isNumber
        value={port}
        onValue={setPort}
        refusal={refusal}
        hint="0: any free one; empty: none. What comes in by it is this workspace’s."
      />
      <TextField
        label="Credentials"
        name="credentials"
        rows={3}
        value={text}
        onValue={setText}
        refusal={refusal}
        hint={`One a line, vendor and value: “${vendors[0]?.id ?? 'vendor'} my-game”. Requests that carry one are this workspace’s.`}
      />
      <RefusalNote refusal={refusal} shownFields={['port', 'credentials']} />
      <button type="submit">Replace the claims</button>
    </Form>
  )
}
