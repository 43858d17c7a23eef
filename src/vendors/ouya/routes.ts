import type { Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { accountRoutes } from './account-routes.js'
import { catalogRoutes } from './catalog-routes.js'
import { withExample } from './examples.js'
import { gamerRoutes } from './gamer-routes.js'
import { purchaseRoutes } from './purchase-routes.js'
import type { tables } from './tables.js'
import { voucherRoutes } from './voucher-routes.js'
import { walletRoutes } from './wallet-routes.js'

/** The connection test of the console, on `status.ouya.tv` and on every other address of OUYA. */
const statusRoute: Route<typeof tables> = {
  method: 'GET',
  path: '/api/v1/status',
  summary: 'Connection test',
  evidence: evidence('recorded', 'store API documentation, status page'),
  outcomes: { reachable: 204 },
  responses: { 204: { description: 'The network works' } },
  handle: (call) => {
    call.explain('reachable', 'The console asks whether the network works; 204 says that it does.')
    return { status: 204, headers: {}, body: '' }
  },
}

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
