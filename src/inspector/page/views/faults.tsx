import { refreshAll, useAsked } from '../asked.js'
import { ask } from '../control.js'
import { useVendors } from '../known.js'
import { ConfirmButton } from '../parts/confirm.js'
import { Empty, RefusalNote, Waiting } from '../parts/notes.js'
import { usePlace } from '../place.js'
import type { Fault } from '../shapes.js'
import { FaultForm } from './faults/fault-form.js'
import { FaultList, isUsedUp } from './faults/fault-list.js'
import { ProfileForm } from './faults/profile-form.js'

/** View of faults, with the number of requests that each was applied to. */
export function Faults() {
  const { rest } = usePlace()
  const { value, refusal, reload } = useAsked<{ faults: Fault[] }>('faults', 2_000)
  const vendors = useVendors()
  const spent = (value?.faults ?? []).filter(isUsedUp)
  const armed = (value?.faults ?? []).filter((fault) => !isUsedUp(fault))
  const changed = () => {
    reload()
    refreshAll()
  }
  return (
    <>
      <div class="columns">
        <section class="part" aria-labelledby="new-fault">
          <h2 id="new-fault">Make a fault</h2>
          {vendors.length > 0 && <FaultForm vendors={vendors} onMade={changed} />}
        </section>
        <section class="part" aria-labelledby="new-profile">
          <h2 id="new-profile">Or a ready set</h2>
          {vendors.length > 0 && <ProfileForm vendors={vendors} onMade={changed} />}
        </section>
      </div>
      <div class="bar">
        <h2 class="grow">Armed</h2>
        {value && value.faults.length > 0 && (
          <ConfirmButton
            label="Take all out"
            question="Take all faults of this workspace out?"
            yes="Take them out"
            onYes={async () => {
              await ask('DELETE', 'faults')
              changed()
            }}
          />
        )}
      </div>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {value && armed.length === 0 && (
        <Empty title="No fault is armed: every vendor answers as it should.">
          <p>The first that matches a request and is not used up applies to it.</p>
        </Empty>
      )}
      {armed.length > 0 && (
        <FaultList label="Faults in the order in which they are tried" faults={armed} chosen={rest[0]} onGone={changed} />
      )}
      {spent.length > 0 && (
        <>
          <h2>Used up</h2>
          <FaultList label="Faults that are used up" faults={spent} chosen={rest[0]} onGone={changed} />
        </>
      )}
    </>
  )
}
