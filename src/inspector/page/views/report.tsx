import { useAsked } from '../asked.js'
import { useVendors, vendorTitle } from '../known.js'
import { Empty, RefusalNote, Waiting } from '../parts/notes.js'
import { linkTo } from '../place.js'
import type { ReportMark, Vendor } from '../shapes.js'
import { counted, duration, reportWords } from '../words.js'

interface Report {
  dropped: number
  callers: { caller: string; findings: { rule: string; count: number; entries: string[] }[] }[]
}

/** Habits of the client under test that real services suffer from, by caller, each with its requests. */
export function ClientReport() {
  const { value, refusal } = useAsked<Report>('report', 5_000)
  const { value: list } = useAsked<{ marks: ReportMark[] }>('report/marks', 5_000)
  const callers = (value?.callers ?? []).filter(({ findings }) => findings.length > 0)
  const dropped = value?.dropped ?? 0
  const vendors = useVendors()
  const quiet = (value?.callers ?? []).filter(({ findings }) => findings.length === 0)
  return (
    <>
      <p>What the game or its server does that a real service would suffer from, read from the kept requests.</p>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {dropped > 0 && (
        <p class="note note-waiting">
          {counted(dropped, 'older request')} {dropped === 1 ? 'was' : 'were'} dropped and {dropped === 1 ? 'is' : 'are'} not in this
          report. A higher <code>--traffic-limit</code> keeps more.
        </p>
      )}
      {value && callers.length === 0 && (
        <Empty
          title={
            value.callers.length === 0
              ? 'No request of a vendor’s client is kept yet.'
              : dropped > 0
                ? 'Nothing was found in the kept requests.'
                : 'Nothing was found.'
          }
        >
          <p>
            It looks for{' '}
            {Object.values(reportWords)
              .map(({ title }) => title.toLowerCase())
              .join(', ')}
            .
          </p>
        </Empty>
      )}
      {callers.map(({ caller, findings }) => (
        <section key={caller} class="part" aria-label={caller}>
          <h2>{callerTitle(caller, vendors)}</h2>
          {findings.map(({ rule, count, entries }) => (
            <div key={rule}>
              <h3>
                {reportWords[rule]?.title ?? rule} <span class="muted">{counted(count, 'time')}</span>
              </h3>
              <p>{reportWords[rule]?.advice}</p>
              <ul class="report-marks">
                {(list?.marks ?? [])
                  .toReversed()
                  .filter((mark) => mark.rule === rule && entries.includes(mark.entry))
                  .slice(0, mostMarks)
                  .map(({ entry, previous, afterMs }) => (
                    <li key={entry}>
                      <a href={linkTo('live', [entry])}>{entry}</a>, {duration(afterMs)} after{' '}
                      <a href={linkTo('live', [previous])}>{previous}</a>
                    </li>
                  ))}
                {count > mostMarks && <li class="muted">and {counted(count - mostMarks, 'older one')}</li>}
              </ul>
            </div>
          ))}
        </section>
      ))}
      {quiet.length > 0 && callers.length > 0 && (
        <p class="muted">Nothing was found for {quiet.map(({ caller }) => callerTitle(caller, vendors)).join('; ')}.</p>
      )}
    </>
  )
}

/** A caller, which begins with the id of its vendor, under the vendor's title. */
function callerTitle(caller: string, vendors: readonly Vendor[]): string {
  const [id = '', ...rest] = caller.split(' ')
  return [vendorTitle(id, vendors), ...rest].join(' ')
}

const mostMarks = 10
