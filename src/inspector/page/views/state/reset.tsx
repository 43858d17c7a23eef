import { useState } from 'preact/hooks'
import { refreshAll } from '../../asked.js'
import { ask } from '../../control.js'
import { ConfirmButton } from '../../parts/confirm.js'

/** Resets the workspace to its seed. */
export function Reset() {
  const [isDone, setDone] = useState(false)
  return (
    <section class="part" aria-labelledby="reset-title">
      <h2 id="reset-title">Reset</h2>
      <p>Rows go back to the start-up seed; requests, faults, clock, stores and ids are cleared. Snapshots and claims stay.</p>
      <ConfirmButton
        label="Reset this workspace"
        question="All rows that were added or changed and all kept requests of this workspace are lost. Save a snapshot first if you want them back."
        yes="Reset it"
        onYes={async () => {
          await ask('POST', 'reset')
          setDone(true)
          refreshAll()
        }}
      />
      <p role="status">{isDone && 'The workspace is as it was at the start.'}</p>
    </section>
  )
}
