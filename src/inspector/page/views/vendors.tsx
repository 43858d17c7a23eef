import { useAsked } from '../asked.js'
import { Badge } from '../parts/marks.js'
import { Empty, RefusalNote, Waiting } from '../parts/notes.js'
import { linkTo, usePlace } from '../place.js'
import type { Vendor } from '../shapes.js'
import { counted } from '../words.js'
import { RouteLine } from './vendors/route-line.js'
import { VendorCard } from './vendors/vendor-card.js'

/** Vendors with the evidence of each call and a request to try. */
export function Vendors() {
  const { rest } = usePlace()
  const { value, refusal } = useAsked<{ vendors: Vendor[] }>('vendors')
  const { value: coverage } = useAsked<Coverage>('coverage', 5_000)
  const vendors = value?.vendors ?? []
  const chosen = vendors.find(({ id }) => id === rest[0])
  return (
    <>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {value && vendors.length === 0 && <Empty title="No vendor is on. Start the sandbox with --vendors." />}
      {chosen ? (
        <OneVendor vendor={chosen} coverage={coverage?.vendors[chosen.id]} />
      ) : (
        <VendorList vendors={vendors} coverage={coverage} />
      )}
    </>
  )
}

interface Coverage {
  vendors: Record<string, { percent: number; met: string[]; missing: string[] }>
}

function VendorList({ vendors, coverage }: { vendors: readonly Vendor[]; coverage: Coverage | undefined }) {
  return (
    <ul class="cards">
      {vendors.map((vendor) => {
        const { id, routes, hosts } = vendor
        const percent = Math.round(coverage?.vendors[id]?.percent ?? 0)
        return (
          <VendorCard key={id} vendor={vendor}>
            <p class="muted">
              {counted(routes.length, 'call')};{' '}
              {hosts.length > 2 ? `${hosts.slice(0, 2).join(', ')} and ${hosts.length - 2} more` : hosts.join(', ')}
            </p>
            <p>
              {coverage?.vendors[id] ? (
                <>
                  <progress value={percent} max={100} aria-label={`Outcomes of ${id} met`} /> {percent}% of its outcomes met so far
                </>
              ) : (
                'not called yet'
              )}
            </p>
          </VendorCard>
        )
      })}
    </ul>
  )
}

function OneVendor({ vendor, coverage }: { vendor: Vendor; coverage: Coverage['vendors'][string] | undefined }) {
  const { id, title, baseUrls, hosts, ports, routes } = vendor
  const missing = coverage?.missing ?? []
  return (
    <>
      <p>
        <a href={linkTo('vendors')}>
          <span aria-hidden="true">← </span>All vendors
        </a>
      </p>
      <h2>{title}</h2>
      <dl class="facts-list">
        <div>
          <dt>In this sandbox</dt>
          <dd>
            <code>
              {window.location.origin}/{id}
            </code>
          </dd>
        </div>
        <div>
          <dt>Real addresses</dt>
          <dd>{baseUrls.join(', ')}</dd>
        </div>
        <div>
          <dt>Host names</dt>
          <dd>{hosts.join(', ')}</dd>
        </div>
        <div>
          <dt>Ports</dt>
          <dd>{ports.join(', ')}</dd>
        </div>
        {coverage && (
          <div>
            <dt>Outcomes met</dt>
            <dd>
              {Math.round(coverage.percent)}%{missing.length > 0 && <>; not yet: {missing.join(', ')}</>}
            </dd>
          </div>
        )}
      </dl>
      <p class="bar">
        <a href={linkTo('live', [], { q: `vendor:${id}` })}>Its requests</a>
        <a href={linkTo('faults')}>Make it fail</a>
      </p>
      <h3>{counted(routes.length, 'call')}</h3>
      <p class="muted">
        How surely each is known: <Badge text="documented" kind="documented" /> by the vendor, read in its <Badge text="sdk" />,{' '}
        <Badge text="recorded" kind="recorded" /> from traffic, told by the <Badge text="community" />, or <Badge text="inferred" />: our
        choice where everything is silent.
      </p>
      <ul class="plain lines">
        {routes.map((route) => (
          <RouteLine key={`${route.method} ${route.path}`} vendor={vendor} route={route} />
        ))}
      </ul>
    </>
  )
}
