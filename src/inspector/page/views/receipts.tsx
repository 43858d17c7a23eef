import { useAsked } from '../asked.js'
import { receiptTitle, useVendors } from '../known.js'
import type { Shape } from '../openapi.js'
import { RefusalNote, Waiting } from '../parts/notes.js'
import { linkTo, usePlace } from '../place.js'
import { InspectReceipt } from './receipts/inspect.js'
import { MintReceipt } from './receipts/mint.js'

/** Form of one kind of receipt. */
export interface ReceiptForm {
  store: string
  summary: string
  shape: Shape
  ordinary: Record<string, unknown>
}

/** View for minting receipts of any kind, valid or tampered with, and inspecting others. */
export function Receipts() {
  const { rest } = usePlace()
  const { value, refusal } = useAsked<{ forms: ReceiptForm[] }>('receipts')
  const vendors = useVendors()
  const forms = value?.forms ?? []
  const chosen = rest[0] ?? forms[0]?.store
  const form = forms.find(({ store }) => store === chosen)
  const tabs = [
    ...forms.map(({ store }) => [store, `Mint for ${receiptTitle(store, vendors)}`] as const),
    ['inspect', 'Inspect one'] as const,
  ]
  return (
    <>
      <nav class="tab-bar" aria-label="What to do with receipts">
        {tabs.map(([id, text]) => (
          <a key={id} href={linkTo('receipts', [id])} aria-current={id === chosen ? 'page' : undefined}>
            {text}
          </a>
        ))}
      </nav>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {form && <MintReceipt key={form.store} form={form} />}
      {chosen === 'inspect' && <InspectReceipt />}
    </>
  )
}
