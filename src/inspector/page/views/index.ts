import type { ComponentType } from 'preact'
import { Clock } from './clock.js'
import { DevicesView } from './devices.js'
import { Faults } from './faults.js'
import { Live } from './live.js'
import { Purchases } from './purchases.js'
import { Receipts } from './receipts.js'
import { ClientReport } from './report.js'
import { State } from './state.js'
import { TablesView } from './tables.js'
import { Vendors } from './vendors.js'
import { Webhooks } from './webhooks.js'
import { Workspaces } from './workspaces.js'

/** One view of the page. */
export interface View {
  id: string
  title: string
  show: ComponentType
}

/** Views in the order of the navigation, grouped by purpose. */
export const viewGroups: readonly { title: string; views: readonly View[] }[] = [
  {
    title: 'See',
    views: [
      { id: 'live', title: 'Live', show: Live },
      { id: 'purchases', title: 'Purchases', show: Purchases },
      { id: 'tables', title: 'Tables', show: TablesView },
      { id: 'webhooks', title: 'Webhooks', show: Webhooks },
      { id: 'report', title: 'Client report', show: ClientReport },
    ],
  },
  {
    title: 'Change',
    views: [
      { id: 'receipts', title: 'Receipts', show: Receipts },
      { id: 'faults', title: 'Faults', show: Faults },
      { id: 'clock', title: 'Clock and stores', show: Clock },
      { id: 'state', title: 'Seed and snapshots', show: State },
    ],
  },
  {
    title: 'Set up',
    views: [
      { id: 'workspaces', title: 'Workspaces', show: Workspaces },
      { id: 'vendors', title: 'Vendors', show: Vendors },
      { id: 'devices', title: 'Devices', show: DevicesView },
    ],
  },
]
