import { z } from 'zod'
import { evidence } from '../../kernel/evidence.js'
import { certificateRoutes, tokenRoutes } from './routes/access.js'
import { playRoute, shapes, type ApiRoute, type PlayRoute } from './routes/api-route.js'
import { orderRoutes, overriddenRoute } from './routes/orders.js'
import { purchaseRoutes } from './routes/purchases.js'
import { subscriptionV1Routes, subscriptionV2Routes } from './routes/subscriptions.js'

/** Every method of the API. */
const methods: readonly ApiRoute[] = [...purchaseRoutes, ...subscriptionV2Routes, ...subscriptionV1Routes, ...orderRoutes]

/** The document that describes the API, under the address of each of Google's discovery services. */
const discoveryRoutes = ['/$discovery/rest', '/discovery/v1/apis/androidpublisher/v3/rest'].map((path) =>
  playRoute({
    method: 'GET',
    path,
    summary: 'Discovery document of the API, from which a client library builds its methods',
    evidence: evidence('documented', 'Google API Discovery Service, discovery document', [
      'the document has the methods and schemas that are modelled, not all of Google’s',
      'rootUrl is the address that was asked, so that a client built from the document stays here',
    ]),
    request: () => (path.startsWith('/$') ? { query: z.object({ version: z.string().optional() }), examples: { version: 'v3' } } : {}),
    outcomes: { found: 200, 'unknown-version': 404 },
    responses: () => ({
      200: {
        description: 'The document',
        schema: z.looseObject({ kind: z.literal('discovery#restDescription'), rootUrl: z.string(), resources: z.looseObject({}) }),
      },
      404: { description: 'There is no such version of the API', schema: shapes().error },
    }),
    load: async () => {
      const { replyWithDiscovery } = await import('./calls/discovery.js')
      return (call) => replyWithDiscovery(call, methods)
    },
  }),
)

/** Every call of Google Play. */
export const routes: readonly PlayRoute[] = [...methods, overriddenRoute, ...tokenRoutes, ...certificateRoutes, ...discoveryRoutes]
