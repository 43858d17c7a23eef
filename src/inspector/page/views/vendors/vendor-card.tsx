import type { ComponentChildren } from 'preact'
import { refreshAll, useDeed } from '../../asked.js'
import { ask, controlBase } from '../../control.js'
import { CopyButton } from '../../parts/copy.js'
import { RefusalNote } from '../../parts/notes.js'
import { goTo, linkTo, usePlace } from '../../place.js'
import type { Vendor } from '../../shapes.js'
import { sendPurchase } from './example.js'

/** A vendor with its address in this sandbox and purchases to send. */
export function VendorCard({ vendor, children }: { vendor: Vendor; children?: ComponentChildren }) {
  const { id, title } = vendor
  const { query } = usePlace()
  const deed = useDeed()
  const address = `${vendorBase()}/${id}`
  const send = (before: () => Promise<unknown>) =>
    deed.perform(async () => {
      await before()
      const entry = await sendPurchase(vendor)
      refreshAll()
      goTo(linkTo('live', [entry], query))
    })
  return (
    <li class="part">
      <h2>
        <a href={linkTo('vendors', [id])}>{title}</a>
      </h2>
      <p class="bar address">
        <code class="grow wrap">{address}</code>
        <CopyButton label={`Copy address of ${title}`} shownLabel="Copy" text={address} small />
      </p>
      {children}
      <div class="bar">
        <button
          type="button"
          class="small"
          aria-label={`Send a purchase to ${title}`}
          disabled={deed.isBusy}
          onClick={() => send(async () => {})}
        >
          Send a purchase
        </button>
        <button
          type="button"
          class="outline secondary small"
          aria-label={`Send a purchase to ${title} and lose the answer`}
          disabled={deed.isBusy}
          onClick={() => send(() => ask('POST', 'faults', { profile: 'charged-but-lost', match: { vendor: id } }))}
        >
          … and lose the answer
        </button>
      </div>
      <RefusalNote refusal={deed.refusal} />
    </li>
  )
}

/** Where the vendors of the workspace are. */
function vendorBase(): string {
  return window.location.origin + controlBase().replace(/\/_sandbox\/$/, '')
}
