import { Reset } from './state/reset.js'
import { Seed } from './state/seed.js'
import { Sessions } from './state/sessions.js'
import { Snapshots } from './state/snapshots.js'

/** View of the state of a workspace: seed, reset and snapshots. */
export function State() {
  return (
    <div class="columns">
      <Reset />
      <Snapshots />
      <Sessions />
      <Seed />
    </div>
  )
}
