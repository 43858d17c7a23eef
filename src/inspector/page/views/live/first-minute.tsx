import type { ComponentChildren } from 'preact'
import { useAsked } from '../../asked.js'
import { useVendors } from '../../known.js'
import { linkTo } from '../../place.js'
import { VendorCard } from '../vendors/vendor-card.js'

/** First steps, until the first request: what was changed before, where the vendors are, a purchase for each, and ways to break it. */
export function FirstMinute({ before }: { before: ComponentChildren }) {
  const vendors = useVendors()
  const { value: receipts } = useAsked<{ forms: { store: string }[] }>('receipts')
  const [form] = receipts?.forms ?? []
  return (
    <div class="first-minute">
      {before}
      <p class="empty-title">Nothing has been asked yet.</p>
      <p>
        Point a game build or a server at one of these addresses, and its requests appear here at once.{' '}
        <a href={linkTo('devices')}>Devices</a> says how a phone reaches them under the vendors’ own names.
      </p>
      <ul class="cards">
        {vendors.map((vendor) => (
          <VendorCard key={vendor.id} vendor={vendor} />
        ))}
      </ul>
      <h2>Break it</h2>
      <ul>
        {form && (
          <li>
            <a href={linkTo('receipts', [form.store], { tamper: 'signature' })}>Send a forged receipt</a> and see which check fails.
          </li>
        )}
        <li>
          <a href={linkTo('faults')}>Make an answer fail, late or lost</a> for the next requests.
        </li>
        <li>
          <a href={linkTo('clock')}>Switch a store off or move the clock on</a> and see what waits and what is renewed.
        </li>
      </ul>
    </div>
  )
}
