import { useAsked } from '../asked.js'
import { ask } from '../control.js'
import { ConfirmButton } from '../parts/confirm.js'
import { Empty, RefusalNote, Waiting } from '../parts/notes.js'
import { usePlace } from '../place.js'
import type { Fault, Vendor } from '../shapes.js'
import { FaultForm } from './faults/fault-form.js'
import { FaultList } from './faults/fault-list.js'
import { ProfileForm } from './faults/profile-form.js'

/** View of faults, with the number of requests that each was applied to. */
export function Faults() {
  const { rest } = usePlace()
  const { value, refusal, reload } = useAsked<{ faults: Fault[] }>('faults', 2_000)
  const { value: vendors } = useAsked<{ vendors: Vendor[] }>('vendors')
  return (
    <>
      <div class="bar">
        <h2 class="grow">In force</h2>
        {value && value.faults.length > 0 && (
          <ConfirmButton
            label="Take all out"
            question="Take all faults of this workspace out?"
            yes="Take them out"
            onYes={async () => {
              await ask('DELETE', 'faults')
              reload()
            }}
          />
        )}
      </div>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {value?.faults.length === 0 && (
        <Empty title="No fault is in force: every vendor answers as it should.">
          <p>Make one below. The first that matches a request and is not used up applies to it.</p>
        </Empty>
      )}
      {value && value.faults.length > 0 && <FaultList faults={value.faults} chosen={rest[0]} onGone={reload} />}
      <div class="columns">
        <section class="part" aria-labelledby="new-fault">
          <h2 id="new-fault">Make a fault</h2>
          {vendors && <FaultForm vendors={vendors.vendors} onMade={reload} />}
        </section>
        <section class="part" aria-labelledby="new-profile">
          <h2 id="new-profile">Or a ready set</h2>
          {vendors && <ProfileForm vendors={vendors.vendors} onMade={reload} />}
        </section>
      </div>
    </>
  )
}
