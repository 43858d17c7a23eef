import { useEffect, useState } from 'preact/hooks'
import { refreshAll, useAsked, useDeed } from '../../asked.js'
import { ask, Refusal } from '../../control.js'
import { ConfirmButton } from '../../parts/confirm.js'
import { CopyButton } from '../../parts/copy.js'
import { Form } from '../../parts/fields.js'
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
        {kept && <CopyButton label="Copy as JSON" text={() => JSON.stringify(kept.row, null, 2)} />}
        {path !== undefined && (
          <ConfirmButton
            label="Delete"
            question={`Delete the row ${rowKey} of ${vendor}.${table}?`}
            yes="Delete it"
            onYes={async () => {
              await ask('DELETE', path)
              refreshAll()
              goTo(linkTo('tables', [vendor, table]))
            }}
          />
        )}
      </div>
    </Form>
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
