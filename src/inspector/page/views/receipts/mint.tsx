import { useState } from 'preact/hooks'
import { useDeed } from '../../asked.js'
import { cell } from '../../cell.js'
import { ask } from '../../control.js'
import { Form } from '../../parts/fields.js'
import { RefusalNote } from '../../parts/notes.js'
import { draftOf, memberNames, readDraft, ShapeFields, type Draft } from '../../parts/shape-form.js'
import type { Shape } from '../../openapi.js'
import { usePlace, workspaceParameter } from '../../place.js'
import type { ReceiptForm } from '../receipts.js'
import { Minted, type MintedReceipt } from './minted.js'

/** Makes a receipt of one kind; the members that matter most are in sight, the others a click away. */
export function MintReceipt({ form }: { form: ReceiptForm }) {
  const { store, shape, summary } = form
  const { query } = usePlace()
  const wished = Object.entries(query).filter(([name]) => name in (shape.properties ?? {}))
  const ordinary = { ...form.ordinary, ...Object.fromEntries(wished) }
  const workspace = query[workspaceParameter] ?? ''
  const place = JSON.stringify([workspace, store, wished])
  const kept = lastMinted.get().get(place)
  const [draft, setDraft] = useState<Draft>(kept ? draftOf(kept.members, shape) : draftOf(ordinary, shape))
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({})
  const [minted, setMinted] = useState(kept)
  const deed = useDeed(async () => {
    const read = readDraft(draft, shape)
    setFaults(read.ok ? {} : read.faults)
    if (!read.ok) return
    const receipt = await ask<Record<string, unknown>>('POST', `receipts/${store}`, read.value)
    const made = { store, members: read.value, receipt }
    lastMinted.set(new Map([...lastMinted.get(), [place, made]]))
    setMinted(made)
  })
  const { near, far } = split(shape, ordinary)
  const fields = { draft, onDraft: setDraft, refusal: deed.refusal, faults }
  return (
    <div class="columns">
      <Form label={`Mint a receipt of ${store}`} onSend={deed.run}>
        <p>{summary}. All that is filled in fits the default seed.</p>
        <div class="form-grid">
          <ShapeFields shape={near} {...fields} draft={only(draft, near)} onDraft={(next) => setDraft({ ...draft, ...next })} />
        </div>
        {memberNames(far, {}).length > 0 && (
          <details>
            <summary>More members ({memberNames(far, {}).length})</summary>
            <div class="form-grid">
              <ShapeFields shape={far} {...fields} draft={only(draft, far)} onDraft={(next) => setDraft({ ...draft, ...next })} />
            </div>
          </details>
        )}
        <RefusalNote refusal={deed.refusal} shownFields={memberNames(shape, draft)} />
        <button type="submit" aria-busy={deed.isBusy ? 'true' : undefined}>
          Mint
        </button>
      </Form>
      <section aria-live="polite" aria-label="The minted receipt">
        {minted ? <Minted minted={minted} /> : <p class="empty">The receipt appears here, with the requests that hand it over.</p>}
      </section>
    </div>
  )
}

/** Fields in order: the usual ones and `tamper` first. */
function split(shape: Shape, ordinary: Readonly<Record<string, unknown>>): { near: Shape; far: Shape } {
  const members = Object.entries(shape.properties ?? {})
  const isNear = ([name]: [string, Shape]) => name in ordinary || name === 'tamper' || (shape.required?.includes(name) ?? false)
  const isFew = members.length <= fewMembers
  return {
    near: { ...shape, properties: Object.fromEntries(members.filter((member) => isFew || isNear(member))) },
    far: { ...shape, properties: Object.fromEntries(members.filter((member) => !isFew && !isNear(member))) },
  }
}

function only(draft: Draft, { properties = {} }: Shape): Draft {
  return Object.fromEntries(Object.entries(draft).filter(([name]) => name in properties))
}

/** The last receipt of each form, so that it is still there after it was sent and the user came back. */
const lastMinted = cell<ReadonlyMap<string, MintedReceipt>>(new Map())

const fewMembers = 5
