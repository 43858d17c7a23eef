import { useState } from 'preact/hooks'
import { refreshAll, useAsked, useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { useVendors, vendorTitle } from '../../known.js'
import { Form, TextField } from '../../parts/fields.js'
import { RefusalNote, Waiting } from '../../parts/notes.js'
import { linkTo } from '../../place.js'
import type { ClockMove } from '../../shapes.js'
import { counted, dayAndTime } from '../../words.js'

interface Reading {
  now: string
  frozen: boolean
}

const steps = [
  ['PT1M', '1 minute'],
  ['PT1H', '1 hour'],
  ['P1D', '1 day'],
  ['P7D', '7 days'],
  ['P1M', '1 month'],
  ['P1Y', '1 year'],
] as const

/** Shows and moves the workspace's clock. */
export function ClockPanel() {
  const { value, refusal, reload } = useAsked<Reading>('clock', 1_000)
  const deed = useDeed()
  const [moved, setMoved] = useState<ClockMove | undefined>(undefined)
  const change = (method: string, path: string, body?: unknown) =>
    deed.perform(async () => {
      setMoved(undefined)
      setMoved(await ask<ClockMove | undefined>(method, path, body))
      reload()
      refreshAll()
    })
  const advance = (duration: string) => change('POST', 'clock/advance', { duration })
  return (
    <section class="part" aria-labelledby="clock-title">
      <h2 id="clock-title">Clock</h2>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {value && (
        <p>
          <time class="clock" datetime={value.now}>
            {dayAndTime(value.now)}
          </time>
          <br />
          <span class="muted">
            {value.now}, {value.frozen ? 'stands still' : 'runs'}
          </span>
        </p>
      )}
      <p>Everything a vendor dates uses it; what falls due on the way happens, in order, before a move is done.</p>
      <div role="status">{moved && <Due move={moved} />}</div>
      <div class="bar clock-steps" role="group" aria-label="Move on by">
        {steps.map(([duration, words]) => (
          <button key={duration} type="button" class="outline" disabled={deed.isBusy} onClick={() => advance(duration)}>
            + {words}
          </button>
        ))}
      </div>
      <OwnStep advance={advance} refusal={deed.refusal} />
      <SetClock now={value?.now} set={(now) => change('PUT', 'clock', { now, frozen: value?.frozen ?? false })} refusal={deed.refusal} />
      <RefusalNote refusal={deed.refusal} shownFields={['duration', 'now']} />
      <div class="bar">
        {value && (
          <button type="button" class="outline" onClick={() => change('PUT', 'clock', { now: value.now, frozen: !value.frozen })}>
            {value.frozen ? 'Let it run' : 'Freeze it'}
          </button>
        )}
        <button type="button" class="outline secondary" onClick={() => change('DELETE', 'clock')}>
          Back to real time
        </button>
      </div>
    </section>
  )
}

/** Events that fell due while the clock moved. */
function Due({ move: { now, due, dueCount } }: { move: ClockMove }) {
  const vendors = useVendors()
  const shown = due.slice(0, shownEvents)
  const rest = dueCount - shown.reduce((sum, { times }) => sum + times, 0)
  return (
    <div class="note note-good">
      <p>
        The clock shows {dayAndTime(now)}. {dueCount === 0 ? 'Nothing fell due.' : `${counted(dueCount, 'event')} fell due:`}
      </p>
      {shown.length > 0 && (
        <ol class="plain due">
          {shown.map(({ at, vendor, text, delivery, times, lastAt }, number) => (
            <li key={String(number)}>
              <span class="muted nowrap">{dayAndTime(at)}</span> {vendorTitle(vendor, vendors)}:{' '}
              <span class="wrap">{delivery === null ? text : <a href={linkTo('webhooks', [delivery])}>{text}</a>}</span>
              {times > 1 && <span class="muted">{`; ${times} times until ${dayAndTime(lastAt)}`}</span>}
            </li>
          ))}
        </ol>
      )}
      {rest > 0 && <p class="muted">and {counted(rest, 'more event')}</p>}
    </div>
  )
}

const shownEvents = 50

type Refused = ReturnType<typeof useDeed>['refusal']

function OwnStep({ advance, refusal }: { advance: (duration: string) => void; refusal: Refused }) {
  const [duration, setDuration] = useState('3d')
  return (
    <Form label="Move on by a span of your own" onSend={() => advance(isoOf(duration))}>
      <div class="inline">
        <TextField
          label="Or by"
          name="duration"
          value={duration}
          onValue={setDuration}
          refusal={refusal}
          hint="90s, 5m, 2h, 3d, or ISO 8601 such as P1M"
        />
        <button type="submit" class="outline">
          Move on
        </button>
      </div>
    </Form>
  )
}

/** `3d` as ISO 8601; anything else stays as it is. */
function isoOf(text: string): string {
  const [, count, unit] = /^\s*(\d+)\s*(s|m|h|d|w)\w*\s*$/i.exec(text) ?? []
  if (count === undefined || unit === undefined) return text.trim()
  return /[dw]/i.test(unit) ? `P${count}${unit.toUpperCase()}` : `PT${count}${unit.toUpperCase()}`
}

function SetClock({ now, set, refusal }: { now: string | undefined; set: (now: string) => void; refusal: Refused }) {
  const [wish, setWish] = useState<string | undefined>(undefined)
  const shown = wish ?? now ?? ''
  return (
    <Form label="Set the clock" onSend={() => set(shown)}>
      <div class="inline">
        <TextField label="Or set it to" name="now" value={shown} onValue={setWish} refusal={refusal} hint="UTC" />
        <button type="submit" class="outline">
          Set
        </button>
      </div>
    </Form>
  )
}
