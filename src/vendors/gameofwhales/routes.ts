import { offerMethods } from './offer-methods.js'
import { purchase, receipt } from './purchase-methods.js'
import { index, schemaRoute } from './service-routes.js'
import { userMethods } from './user-methods.js'

const methods = [receipt, purchase, ...userMethods, ...offerMethods]

/** Every call of the API on port 8488. */
export const routes = [...methods.map(({ route }) => route), index, schemaRoute(methods)]
