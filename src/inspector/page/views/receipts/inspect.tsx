import { useState } from 'preact/hooks'
import { useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { Form, TextField } from '../../parts/fields.js'
import { Inspected, type Inspection } from '../../parts/inspected.js'
import { RefusalNote } from '../../parts/notes.js'

/** Form that inspects a pasted receipt. */
export function InspectReceipt() {
  const [text, setText] = useState('')
  const [inspection, setInspection] = useState<Inspection | undefined>(undefined)
  const deed = useDeed(async () => setInspection(await ask<Inspection>('POST', 'receipts/inspect', { receipt: text })))
  return (
    <div class="columns">
      <Form label="Inspect a receipt" onSend={deed.run}>
        <TextField
          label="Receipt"
          name="receipt"
          rows={10}
          value={text}
          onValue={setText}
          refusal={deed.refusal}
          hint="purchaseData with signature as JSON, a Unity container, an App Store receipt in Base64, or the form of an OUYA purchase."
        />
        <RefusalNote refusal={deed.refusal} shownFields={['receipt']} />
        <button type="submit" aria-busy={deed.isBusy ? 'true' : undefined}>
          Inspect
        </button>
      </Form>
      <section aria-live="polite" aria-label="What was found">
        {inspection && (
          <div class="part">
            <Inspected inspection={inspection} />
          </div>
        )}
      </section>
    </div>
  )
}
