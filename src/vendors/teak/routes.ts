import { identifyRoute } from './identify-route.js'
import { purchaseRoute } from './purchase-route.js'
import { sdkPurchaseRoute } from './sdk-purchase-route.js'
import { usersRoute } from './users.js'

/** Every call of Teak that is modelled; the rest of its index is not found. */
export const routes = [purchaseRoute, identifyRoute, usersRoute, sdkPurchaseRoute]
