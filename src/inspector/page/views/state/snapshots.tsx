import { useState } from 'preact/hooks'
import { refreshAll, useAsked, useDeed } from '../../asked.js'
import { ask, download } from '../../control.js'
import { ConfirmButton } from '../../parts/confirm.js'
import { Form, TextField } from '../../parts/fields.js'
import { Empty, RefusalNote, Waiting } from '../../parts/notes.js'
import { counted, dayAndTime } from '../../words.js'

interface Snapshot {
  name: string
  at: string | null
  rows: number | null
}

/** Snapshots of the workspace. */
export function Snapshots() {
  const { value, refusal, reload } = useAsked<{ snapshots: Snapshot[] }>('snapshots')
  const [name, setName] = useState('')
  const save = useDeed(async () => {
    await ask('PUT', `snapshots/${encodeURIComponent(name)}`)
    setName('')
    reload()
  })
  return (
    <section class="part" aria-labelledby="snapshots-title">
      <h2 id="snapshots-title">Snapshots</h2>
      <p>A snapshot holds rows, clock, faults, stores and ids of this workspace, not its requests.</p>
      <Form label="Save a snapshot" onSend={save.run}>
        <div class="inline">
          <TextField label="Name" value={name} onValue={setName} hint="a-z, 0-9 and -" />
          <button type="submit" disabled={name === ''}>
            Save
          </button>
        </div>
      </Form>
      <RefusalNote refusal={save.refusal ?? refusal} />
      {!value && !refusal && <Waiting />}
      {value?.snapshots.length === 0 && <Empty title="No snapshot yet. Bring the workspace into a state worth keeping, then save it." />}
      <ul class="plain lines">
        {value?.snapshots.map((snapshot) => (
          <SnapshotLine key={snapshot.name} snapshot={snapshot} onChange={reload} />
        ))}
      </ul>
    </section>
  )
}

function SnapshotLine({ snapshot, onChange }: { snapshot: Snapshot; onChange: () => void }) {
  const { name, at, rows } = snapshot
  const path = `snapshots/${encodeURIComponent(name)}`
  const keep = useDeed(() => download(path, `${name}.json`))
  return (
    <li class="line">
      <div class="grow">
        <b>{name}</b> <span class="muted">{at && `of ${dayAndTime(at)}`}</span>{' '}
        <span class="muted">{rows === null ? 'damaged' : counted(rows, 'row')}</span>
        <RefusalNote refusal={keep.refusal} />
      </div>
      <ConfirmButton
        label="Restore"
        name={`Restore ${name}`}
        question={`Bring the workspace back to ${name}? What it holds now is lost.`}
        yes="Restore it"
        small
        onYes={async () => {
          await ask('POST', `${path}/restore`)
          refreshAll()
        }}
      />
      <button type="button" class="outline secondary small" aria-label={`Download ${name}`} onClick={keep.run}>
        Download
      </button>
      <ConfirmButton
        label="Delete"
        name={`Delete ${name}`}
        question={`Delete the snapshot ${name}?`}
        yes="Delete it"
        small
        onYes={async () => {
          await ask('DELETE', path)
          onChange()
        }}
      />
    </li>
  )
}
