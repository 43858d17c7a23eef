import { Reset } from './state/reset.js'
import { Seed } from './state/seed.js'
import { Snapshots } from './state/snapshots.js'

/** The whole state of a workspace: fill it, empty it, keep it, bring it back. */
export function State() {
  return (
    <div class="columns">
      <Reset />
      <Snapshots />
      <Seed />
    </div>
  )
}
