import { useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { Badge } from '../../parts/marks.js'
import { RefusalNote } from '../../parts/notes.js'
import type { Fault } from '../../shapes.js'
import { counted } from '../../words.js'

/** Faults in the order in which they are tried. */
export function FaultList({ faults, chosen, onGone }: { faults: readonly Fault[]; chosen: string | undefined; onGone: () => void }) {
  return (
    <ol class="plain lines" aria-label="Faults in the order in which they are tried">
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
  const isUsedUp = times !== undefined && hits >= times
  return (
    <li class={isChosen ? 'line line-chosen' : 'line'}>
      <div class="grow">
        <p>
          <b>{id}</b> {effectWords(effect)} <span class="muted">{position} the vendor sees the request</span>
        </p>
        <p class="muted wrap">
          for {matchWords(match)}
          {skip > 0 && `, after ${counted(skip, 'match', 'matches')}`}
          {probability < 1 && `, in ${Math.round(probability * 100)}% of cases`}
          {profile !== undefined && `; profile ${profile}`}
        </p>
        <p>
          <Badge text={isUsedUp ? 'used up' : 'in force'} kind={isUsedUp ? 'plain' : 'fault'} /> applied{' '}
          {times === undefined ? `${counted(hits, 'time')}, without end` : `${hits} of ${counted(times, 'time')}`}; matched{' '}
          {counted(matched, 'request')}
        </p>
        <RefusalNote refusal={remove.refusal} />
      </div>
      <button type="button" class="outline danger small" aria-label={`Take out ${id}`} onClick={remove.run}>
        Take out
      </button>
    </li>
  )
}

function matchWords(match: Fault['match']): string {
  const { vendor, method, path, ...rest } = match
  const words = [vendor, method, path, ...Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`)]
  return words.filter(Boolean).join(' ') || 'every vendor request'
}

function effectWords(effect: Fault['effect']): string {
  const { kind, ...members } = effect
  const said = Object.entries(members).map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [kind, ...said].join(' ')
}
