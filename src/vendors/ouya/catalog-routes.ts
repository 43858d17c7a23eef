import { z } from 'zod'
import type { Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { currencyOf, showProduct } from './catalog.js'
import { show } from '../../kernel/show.js'
import { expectedDeveloper } from './expected.js'
import { boughtApps } from './premium.js'
import { grant, refuse } from './replies.js'
import { outcomes, tokenQuery } from './shapes.js'
import type { Product, tables } from './tables.js'
import { withGamer, type OuyaCall } from './calls.js'

const shownProduct = z.object({
  type: z.enum(['entitlement', 'consumable', 'subscription']),
  identifier: z.string(),
  name: z.string(),
  description: z.string(),
  priceInCents: z.int().describe('US cents'),
  localPrice: z.number(),
  originalPrice: z.number(),
  percentOff: z.number(),
})

const products: Route<typeof tables> = {
  method: 'GET',
  path: '/api/v1/developers/{developerId}/products/',
  summary: 'Products and prices, in the requested order',
  evidence: evidence('recorded', 'store API documentation, products page', [
    'unknown identifiers are left out; the real reply to them is not known',
    'the original price is computed from percentOff',
  ]),
  request: { query: tokenQuery.extend({ only: z.string().optional().describe('Identifiers, with commas between; absent: all') }) },
  ...outcomes(
    {
      outcomes: ['listed'],
      description: 'Products',
      schema: z.object({ developerName: z.string(), currency: z.string(), products: z.array(shownProduct) }),
    },
    ['invalid-token', 'invalid-developer-uuid'],
  ),
  handle: listProducts,
}

const premiumPurchases: Route<typeof tables> = {
  method: 'GET',
  path: '/api/v1/premium_purchases',
  summary: 'The apps a gamer bought something in',
  evidence: evidence('recorded', 'store API documentation, premium_purchases page', [
    'apps where only consumables were bought are listed too; nothing says otherwise',
    'listing data that a row of ouya.games does not have is made up',
  ]),
  request: { query: tokenQuery },
  ...outcomes(
    {
      outcomes: ['listed'],
      description: 'Apps',
      schema: z.object({
        games: z.array(z.looseObject({ package: z.string(), title: z.string(), type: z.literal('app'), url: z.string() })),
      }),
      example: { games: [] },
    },
    ['invalid-token'],
  ),
  handle: (call) =>
    withGamer(call, async ({ db, gamer }) => {
      const games = await boughtApps(db, gamer)
      const names = games.map((game) => game.package).join(', ')
      return grant('listed', `${gamer.username} bought something in ${names || 'no app'}.`, { games })
    }),
}

/** Calls that list products and bought apps. The documented path ends with a slash; the path without it is accepted too. */
export const catalogRoutes = [
  products,
  {
    ...products,
    path: '/api/v1/developers/{developerId}/products',
    summary: 'The same without the last slash',
    evidence: evidence('inferred', 'as with the slash; a Rails router treats both paths alike', products.evidence.gaps),
  },
  premiumPurchases,
]

function listProducts(call: OuyaCall) {
  return withGamer(call, async ({ db }) => {
    const developerId = call.request.params['developerId'] ?? ''
    const developer = await db.developers.get(developerId)
    if (!developer) {
      const expected = await expectedDeveloper(db, call.request, '/api/v1/developers/{developerId}/products/')
      return refuse('invalid-developer-uuid', `The developer is ${show(developerId)}; no row of ouya.developers has it.`, { expected })
    }
    const only = call.request.query.get('only')
    const wanted = only ? [...new Set(only.split(','))].slice(0, mostWanted) : undefined
    const found: Product[] = []
    for (const identifier of wanted ?? []) {
      const product = await db.products.get(developerId, identifier)
      if (product) found.push(product)
    }
    const listed = wanted ? found : await db.products.where('byDeveloper', developerId)
    const known = new Set(listed.map((product) => product.identifier))
    const unknown = (wanted ?? []).filter((identifier) => !known.has(identifier))
    const warnings = unknown.length > 0 ? [`Left out, because ouya.products has no such rows: ${show(unknown.join(', '))}.`] : []
    const body = { developerName: developer.name, currency: currencyOf(developer), products: listed.map(showProduct) }
    return { ...grant('listed', `${listed.length} of ${developer.name}'s products.`, body), warnings }
  })
}

/** Limit of the identifiers that are looked up; our choice. */
const mostWanted = 1_000
