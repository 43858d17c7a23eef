import { useState } from 'preact/hooks'
import { refreshAll, useAsked, useDeed } from '../asked.js'
import { ask } from '../control.js'
import { ConfirmButton } from '../parts/confirm.js'
import { Form, TextField } from '../parts/fields.js'
import { RefusalNote, Waiting } from '../parts/notes.js'
import { goTo, linkTo, usePlace, workspaceParameter } from '../place.js'
import type { Vendor, Workspace } from '../shapes.js'
import { agoWords, counted } from '../words.js'
import { Claims } from './workspaces/claims.js'

/** The workspaces there are, and which requests belong to which. */
export function Workspaces() {
  const { value, refusal, reload } = useAsked<{ workspaces: Workspace[] }>('workspaces', 10_000)
  const { value: vendors } = useAsked<{ vendors: Vendor[] }>('vendors')
  const current = usePlace().query[workspaceParameter] ?? 'default'
  return (
    <>
      <p>
        A workspace has rows, requests, faults, clock and ids of its own. A request names one by the header <code>X-Sandbox-Workspace</code>
        , by a path that begins with <code>/@name</code>, by a port or a credential that it claims.
      </p>
      <NewWorkspace onMade={reload} />
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      <ul class="plain lines">
        {value?.workspaces.map((workspace) => (
          <WorkspaceLine
            key={workspace.name}
            workspace={workspace}
            isCurrent={workspace.name === current}
            vendors={vendors?.vendors ?? []}
            onChange={reload}
          />
        ))}
      </ul>
    </>
  )
}

function NewWorkspace({ onMade }: { onMade: () => void }) {
  const [name, setName] = useState('')
  const deed = useDeed(async () => {
    await ask('PUT', `workspaces/${encodeURIComponent(name)}`)
    setName('')
    onMade()
    refreshAll()
  })
  return (
    <Form label="Make a workspace" onSend={deed.run}>
      <div class="inline narrow">
        <TextField label="New workspace" value={name} onValue={setName} hint="a-z, 0-9 and -" />
        <button type="submit" disabled={name === ''}>
          Make it
        </button>
      </div>
      <RefusalNote refusal={deed.refusal} />
    </Form>
  )
}

interface LineProps {
  workspace: Workspace
  isCurrent: boolean
  vendors: readonly Vendor[]
  onChange: () => void
}

function WorkspaceLine({ workspace, isCurrent, vendors, onChange }: LineProps) {
  const { name, rows, requests, lastRequestAt, ports, credentials } = workspace
  const [isOpen, setOpen] = useState(false)
  const claims = [...ports.map((port) => `port ${port}`), ...credentials.map(({ vendor, value }) => `${vendor} ${value}`)]
  return (
    <li class="line">
      <div class="grow">
        <p>
          <b class="wrap">{name}</b> {isCurrent && <span class="badge">current</span>}
        </p>
        <p class="muted">
          {counted(requests, 'request')}, {lastRequestAt === null ? 'not used since the start' : `last used ${agoWords(lastRequestAt)}`}
          {'; '}
          {counted(rows, 'row')}
        </p>
        <p class="wrap">
          <code>
            {window.location.origin}
            {name === 'default' ? '' : `/@${name}`}/vendor/…
          </code>
        </p>
        <p class="muted wrap">{claims.length > 0 ? `claims ${claims.join(', ')}` : 'claims nothing'}</p>
        {isOpen && <Claims workspace={workspace} vendors={vendors} onDone={() => (setOpen(false), onChange())} />}
      </div>
      {!isCurrent && (
        <a role="button" class="outline small" href={linkTo('live', [], { [workspaceParameter]: name })}>
          Open<span class="hidden"> {name}</span>
        </a>
      )}
      <button type="button" class="outline secondary small" aria-expanded={isOpen ? 'true' : 'false'} onClick={() => setOpen(!isOpen)}>
        Claims<span class="hidden"> of {name}</span>
      </button>
      <ConfirmButton
        label={name === 'default' ? 'Empty' : 'Delete'}
        name={name === 'default' ? 'Empty default' : `Delete ${name}`}
        question={
          name === 'default' ? 'Empty default back to the seed, its snapshots and claims included?' : `Delete ${name} with all it holds?`
        }
        yes={name === 'default' ? 'Empty it' : 'Delete it'}
        small
        onYes={async () => {
          await ask('DELETE', `workspaces/${encodeURIComponent(name)}`)
          if (isCurrent) goTo(linkTo('workspaces', [], { [workspaceParameter]: undefined }))
          onChange()
          refreshAll()
        }}
      />
    </li>
  )
}
