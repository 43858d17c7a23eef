import { receiptTitle, useVendors, vendorTitle } from '../known.js'
import { linkTo } from '../place.js'
import { JsonView } from './json-view.js'
import { Sign } from './marks.js'

/** Result of inspecting a receipt. */
export interface Inspection {
  format: string
  container?: { store: string | null; transactionId: string | null }
  claims: unknown
  checks: { name: string; ok: boolean | null; detail: string }[]
  vendors: { vendor: string; answer: string; unwrapped?: string }[]
}

/** True if a receipt could be read, whatever its checks say. */
export function isRead({ format, checks }: Inspection): boolean {
  return format !== 'unknown' && !checks.some(({ name, ok }) => name === 'parse' && ok === false)
}

/** An inspected receipt: its checks, then the vendors' verdicts, then its claims. */
export function Inspected({ inspection, isOpen = false }: { inspection: Inspection; isOpen?: boolean }) {
  const { format, container, claims, checks, vendors } = inspection
  const known = useVendors()
  return (
    <div class="inspected">
      <p>
        {isRead(inspection)
          ? 'A receipt of '
          : format === 'unknown'
            ? 'This is not a receipt that is known here'
            : 'It cannot be read; it looks most like '}
        {format !== 'unknown' && <b>{receiptTitle(format, known)}</b>}
        {container?.store && ` in a Unity container of ${container.store}`}.
      </p>
      <ul class="checks" aria-label="Checks">
        {checks.map(({ name, ok, detail }) => (
          <li key={name}>
            <Sign ok={ok} /> <b>{name}</b> <span class="wrap">{detail}</span>
          </li>
        ))}
      </ul>
      {isRead(inspection) && vendors.length > 0 && <p class="muted">Handed over now, vendors would answer:</p>}
      {isRead(inspection) && vendors.length > 0 && (
        <dl class="answers" aria-label="What vendors would answer">
          {vendors.map(({ vendor, answer, unwrapped }) => (
            <div key={vendor}>
              <dt>
                <a href={linkTo('vendors', [vendor])}>{vendorTitle(vendor, known)}</a>
              </dt>
              <dd>
                {answer}
                {unwrapped && <span class="muted"> ({unwrapped})</span>}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {claims !== null && claims !== undefined && (
        <details open={isOpen}>
          <summary>What it claims</summary>
          <JsonView value={claims} label="Claims" />
        </details>
      )}
    </div>
  )
}
