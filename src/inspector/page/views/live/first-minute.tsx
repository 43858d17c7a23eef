import type { ComponentChildren } from 'preact'
import { useAsked } from '../../asked.js'
import { useVendors } from '../../known.js'
import { linkTo } from '../../place.js'
import type { BriefEntry } from '../../shapes.js'
import { counted } from '../../words.js'
import { VendorCard } from '../vendors/vendor-card.js'

interface FirstMinuteProps {
  before: ComponentChildren
  /** Requests that only opened this page, newest first. */
  opened: readonly BriefEntry[]
}

/** First steps, until the first request to a vendor: what was changed before, where the vendors are, a purchase for each, and ways to break it. */
export function FirstMinute({ before, opened }: FirstMinuteProps) {
  const vendors = useVendors()
  const { value: receipts } = useAsked<{ forms: { store: string }[] }>('receipts')
  const [form] = receipts?.forms ?? []
  return (
    <div class="first-minute">
      {before}
      <p class="empty-title">
        {opened.length === 0 ? 'Nothing has been asked yet.' : 'No vendor has been asked yet.'}
        {opened[0] && (
          <span class="muted">
            {' '}
            {opened.length === 1 ? 'The only request' : `All ${counted(opened.length, 'request')}`} came from a browser that opened this
            page: <a href={linkTo('live', [opened[0].id])}>{opened[0].id}</a>.
          </span>
        )}
      </p>
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
