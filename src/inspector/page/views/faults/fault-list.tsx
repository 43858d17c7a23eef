import { writeAsSent } from '../../../../kernel/json/as-sent.js'
import { useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { useVendors, vendorTitle } from '../../known.js'
import { Badge } from '../../parts/marks.js'
import { RefusalNote } from '../../parts/notes.js'
import { linkTo } from '../../place.js'
import type { Fault, Vendor } from '../../shapes.js'
import { counted, duration } from '../../words.js'

interface ListProps {
  label: string
  faults: readonly Fault[]
  chosen: string | undefined
  onGone: () => void
}

/** Faults as sentences, each with the requests that it struck. */
export function FaultList({ label, faults, chosen, onGone }: ListProps) {
  return (
    <ol class="plain lines" aria-label={label}>
      {faults.map((fault) => (
        <FaultLine key={fault.id} fault={fault} isChosen={fault.id === chosen} onGone={onGone} />
      ))}
    </ol>
  )
}

function FaultLine({ fault, isChosen, onGone }: { fault: Fault; isChosen: boolean; onGone: () => void }) {
  const { id, profile, match, effect, position, times, skip, probability, matched, hits } = fault
  const remove = useDeed(async () => {
    await ask('DELETE', `faults/${encodeURIComponent(id)}`)
    onGone()
  })
  const vendors = useVendors()
  return (
    <li class={isChosen ? 'line line-chosen' : 'line'}>
      <div class="grow">
        <p>
          <Badge text={id} kind={isUsedUp(fault) ? 'plain' : 'fault'} /> {vendorWords(match, vendors)} {effectWords(effect)},{' '}
          {times === undefined ? 'every time' : times === 1 ? 'once' : `${times} times`}
          {effect.kind !== 'delay' && position === 'after' && ', after the vendor has recorded the request'}
          {skip > 0 && `; the first ${counted(skip, 'match', 'matches')} pass`}
          {probability < 1 && `; in ${Math.round(probability * 100)}% of cases`}.
        </p>
        <p class="muted wrap">
          Applied {times === undefined ? counted(hits, 'time') : `${hits} of ${counted(times, 'time')}`}, matched{' '}
          {counted(matched, 'request')}
          {profile !== undefined && `; profile ${profile}`}.{' '}
          {hits > 0 && <a href={linkTo('live', [], { q: `fault:${id}` })}>Requests that it struck</a>}
        </p>
        <RefusalNote refusal={remove.refusal} />
      </div>
      <button type="button" class="outline danger small" aria-label={`Take out ${id}`} onClick={remove.run}>
        Take out
      </button>
    </li>
  )
}

/** True if a fault was applied as often as it was made for. */
export function isUsedUp({ times, hits }: Fault): boolean {
  return times !== undefined && hits >= times
}

function vendorWords({ vendor, method, path, ...rest }: Fault['match'], vendors: readonly Vendor[]): string {
  const call = [method, path].filter(Boolean).join(' ')
  const others = Object.entries(rest).map(([name, value]) => `with ${name} ${matchWords(value)}`)
  const words = [vendor === undefined ? 'Every vendor' : vendorTitle(vendor, vendors), call && `on ${call}`, ...others]
  return words.filter(Boolean).join(' ')
}

/** A wish of a fault's match: a value, or members with theirs. */
function matchWords(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, own]) => `${name} = ${typeof own === 'object' ? writeAsSent(own) : String(own)}`)
    .join(' and ')
}

function effectWords(effect: Fault['effect']): string {
  switch (effect.kind) {
    case 'reply':
      return 'name' in effect && effect.name !== undefined ? `answers ${effect.name}` : `answers ${'status' in effect ? effect.status : ''}`
    case 'delay':
      return `takes ${delayWords(effect)} longer`
    case 'drop':
      return 'drops the connection'
    case 'hang':
      return 'never answers'
    case 'truncate':
      return `ends its answer after ${counted(effect.bytes, 'byte')}`
    case 'garble':
      return 'sends an answer that does not parse'
    case 'drip':
      return `sends ${counted(effect.bytesPerSecond, 'byte')} a second`
  }
}

function delayWords(effect: Extract<Fault['effect'], { kind: 'delay' }>): string {
  const { ms, minMs, maxMs, medianMs = 0, sigma = 0 } = effect
  if (ms !== undefined) return duration(ms)
  if (minMs !== undefined && maxMs !== undefined) return `${duration(minMs)} to ${duration(maxMs)}`
  // Two in three draws of this distribution are between these.
  return `about ${duration(medianMs)} (mostly ${duration(medianMs * Math.exp(-sigma))} to ${duration(medianMs * Math.exp(sigma))})`
}
