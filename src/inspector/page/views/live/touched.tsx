import { Badge } from '../../parts/marks.js'
import { linkTo } from '../../place.js'
import type { Entry, Related } from '../../shapes.js'
import { dayAndTime } from '../../words.js'

/** Rows that the request changed, and the purchases and webhooks that belong to it. A purchase that it only names is another request's. */
export function Touched({ entry, related }: { entry: Entry; related: Related | undefined }) {
  const rows = entry.rows.filter(({ table }) => !table.startsWith('sandbox.'))
  const hasTimer = entry.rows.some(({ table, change }) => table === 'sandbox.timers' && change !== 'removed')
  const isWritten = (table: string, key: string) => rows.some((row) => row.table === table && row.key === key)
  const { purchases = [], deliveries = [] } = related ?? {}
  if (rows.length === 0 && purchases.length === 0 && deliveries.length === 0 && !hasTimer) return null
  return (
    <section class="part">
      <h3>What belongs to it</h3>
      <ul class="plain">
        {purchases.map(({ vendor, table, key, product, player, amount, state, at, entry: recordedBy, rows: own }) => (
          <li key={`${table} ${key}`}>
            <Badge text="purchase" />{' '}
            <a href={linkTo('purchases', [vendor, table, key])}>{[product ?? key, player, amount].filter(Boolean).join(', ')}</a>{' '}
            <span class="muted">{[state, at && dayAndTime(at)].filter(Boolean).join(', ')}</span>
            {!own.some((row) => isWritten(`${vendor}.${row.table}`, row.key)) && (
              <>
                {'. '}This request names it and did not write it
                {recordedBy !== null && recordedBy !== entry.id && (
                  <>
                    ; it was recorded by <a href={linkTo('live', [recordedBy])}>{recordedBy}</a>
                  </>
                )}
                .
              </>
            )}
          </li>
        ))}
        {rows.map(({ table, key, change }) => {
          const [vendor = '', name = ''] = table.split('.')
          return (
            <li key={`${table} ${key}`}>
              <Badge text={change} kind={change} /> <a href={linkTo('tables', [vendor, name, key])}>{`${table} ${key}`}</a>
            </li>
          )
        })}
        {deliveries.map(({ id, event, status }) => (
          <li key={id}>
            <Badge text={status} kind={status} /> webhook <a href={linkTo('webhooks', [id])}>{event}</a>
          </li>
        ))}
        {hasTimer && <li>A timer was set; moving the clock on lets it fire.</li>}
      </ul>
    </section>
  )
}
