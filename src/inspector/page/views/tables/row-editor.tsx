import { useEffect, useState } from 'preact/hooks'
import { refreshAll, useAsked, useDeed } from '../../asked.js'
import { ask, Refusal } from '../../control.js'
import { ConfirmButton } from '../../parts/confirm.js'
import { CopyButton } from '../../parts/copy.js'
import { Form } from '../../parts/fields.js'
import { JsonView } from '../../parts/json-view.js'
import { RefusalNote, Waiting } from '../../parts/notes.js'
import { draftOf, memberNames, readDraft, ShapeFields, type Draft } from '../../parts/shape-form.js'
import { goTo, linkTo } from '../../place.js'
import type { KeyedRow } from '../../shapes.js'
import { useRowShape } from './shapes.js'

interface RowEditorProps {
  vendor: string
  table: string
  /** Undefined for a new row. */
  rowKey: string | undefined
}

/** Editor of one row. Errors are shown at the fields. */
export function RowEditor({ vendor, table, rowKey }: RowEditorProps) {
  const shape = useRowShape(vendor, table)
  const path = rowKey === undefined ? undefined : rowPath(vendor, table, rowKey)
  const { value: kept, refusal } = useAsked<KeyedRow>(path)
  const [draft, setDraft] = useState<Draft | undefined>(rowKey === undefined ? {} : undefined)
  const [isEditing, setEditing] = useState(rowKey === undefined)
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({})
  useEffect(() => {
    if (kept && shape) setDraft(draftOf(kept.row, shape))
  }, [kept, shape])
  const save = useDeed(async () => {
    const read = readDraft(draft ?? {}, shape ?? {})
    setFaults(read.ok ? {} : read.faults)
    if (!read.ok) return
    if (path !== undefined) await ask('PUT', path, read.value)
    else await seedOne(vendor, table, read.value)
    refreshAll()
    goTo(linkTo('tables', [vendor, table]))
  })
  if (refusal) return <RefusalNote refusal={refusal} />
  if (!shape || !draft) return <Waiting />
  if (!isEditing && kept) return <RowView vendor={vendor} table={table} kept={kept} onEdit={() => setEditing(true)} />
  return (
    <Form label={`Row of ${vendor}.${table}`} onSend={save.run}>
      <p>
        <a href={linkTo('tables', [vendor, table])}>
          <span aria-hidden="true">← </span>
          {vendor}.{table}
        </a>
      </p>
      <h2 class="wrap">{rowKey ?? 'New row'}</h2>
      <div class="form-grid">
        <ShapeFields shape={shape} draft={draft} onDraft={setDraft} refusal={save.refusal} faults={faults} />
      </div>
      <RefusalNote refusal={save.refusal} shownFields={memberNames(shape, draft)} />
      <div class="bar">
        <button type="submit" aria-busy={save.isBusy ? 'true' : undefined}>
          {rowKey === undefined ? 'Add' : 'Save'}
        </button>
        {kept && (
          <button type="button" class="outline secondary" onClick={() => setEditing(false)}>
            Cancel
          </button>
        )}
      </div>
    </Form>
  )
}

/** A row to read. */
function RowView({ vendor, table, kept, onEdit }: { vendor: string; table: string; kept: KeyedRow; onEdit: () => void }) {
  const { key, row } = kept
  const entry = row['recordedBy']
  const path = rowPath(vendor, table, key)
  return (
    <>
      <p>
        <a href={linkTo('tables', [vendor, table])}>
          <span aria-hidden="true">← </span>
          {vendor}.{table}
        </a>
      </p>
      <h2 class="wrap">{decodeURIComponent(key)}</h2>
      <div class="bar">
        <button type="button" class="small" onClick={onEdit}>
          Edit
        </button>
        <CopyButton label="Copy as JSON" text={() => JSON.stringify(row, null, 2)} small />
        {typeof entry === 'string' && (
          <>
            <a role="button" class="outline small" href={linkTo('live', [entry])}>
              Request {entry}
            </a>
            <a role="button" class="outline small" href={linkTo('purchases', [vendor, table, key])}>
              Story
            </a>
          </>
        )}
        <a role="button" class="outline secondary small" href={linkTo('live', [], { q: `row:"${vendor}.${table} ${key}"` })}>
          Requests that wrote it
        </a>
        <DeleteRow path={path} name={`${key} of ${vendor}.${table}`} back={linkTo('tables', [vendor, table])} />
      </div>
      <JsonView value={row} label="Row" />
    </>
  )
}

function DeleteRow({ path, name, back }: { path: string; name: string; back: string }) {
  return (
    <ConfirmButton
      label="Delete"
      question={`Delete the row ${name}?`}
      yes="Delete it"
      small
      onYes={async () => {
        await ask('DELETE', path)
        refreshAll()
        goTo(back)
      }}
    />
  )
}

function rowPath(vendor: string, table: string, key: string): string {
  return `tables/${vendor}/${table}/${encodeURIComponent(key)}`
}

/** Adds one row without its key; errors point into the row itself. */
async function seedOne(vendor: string, table: string, row: Record<string, unknown>): Promise<void> {
  try {
    await ask('POST', 'seed', { [vendor]: { [table]: [row] } })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const start = `/${vendor}/${table}/0`
    const errors = error.errors.map(({ path, message }) => ({ path: path.startsWith(start) ? path.slice(start.length) : path, message }))
    const detail = errors.map(({ path, message }) => `${path || '/'}: ${message}`).join('; ')
    throw new Refusal(error.status, error.title, errors.length > 0 ? detail : error.detail, errors)
  }
}
