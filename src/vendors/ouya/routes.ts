import { accountRoutes } from './account-routes.js'
import { catalogRoutes } from './catalog-routes.js'
import { withExample } from './examples.js'
import { gamerRoutes } from './gamer-routes.js'
import { purchaseRoutes } from './purchase-routes.js'
import { statusRoute } from './status-route.js'
import { voucherRoutes } from './voucher-routes.js'
import { walletRoutes } from './wallet-routes.js'

/** Every call of the OUYA store that is modelled. */
export const routes = [
  ...purchaseRoutes,
  ...accountRoutes,
  ...catalogRoutes,
  ...gamerRoutes,
  ...walletRoutes,
  ...voucherRoutes,
  statusRoute,
].map(withExample)
