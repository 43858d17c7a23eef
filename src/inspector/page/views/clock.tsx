import { ClockPanel } from './clock/clock-panel.js'
import { StorePurchases } from './clock/store-purchases.js'
import { Stores } from './clock/stores.js'

/** Time as this workspace has it, and the stores that vendors ask. */
export function Clock() {
  return (
    <div class="columns">
      <ClockPanel />
      <Stores />
      <StorePurchases />
    </div>
  )
}
