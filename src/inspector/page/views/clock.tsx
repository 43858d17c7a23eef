import { ClockPanel } from './clock/clock-panel.js'
import { StorePurchases } from './clock/store-purchases.js'
import { Stores } from './clock/stores.js'

/** View of the workspace's clock and of the simulated stores. */
export function Clock() {
  return (
    <div class="columns">
      <ClockPanel />
      <Stores />
      <StorePurchases />
    </div>
  )
}
