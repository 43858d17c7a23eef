import type { Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { routeOf, type Api } from './api.js'
import type { tables } from './tables.js'

/**
 * The first generation's paths, `/service/<api>` without a version, for the same APIs. It knew no Authorization, and its log calls
 * had no area: `/service/writePurchaseLog`.
 */
export function firstGeneration(apis: readonly Api[]): Route<typeof tables>[] {
  return apis.flatMap((api) => {
    const names = api.name.startsWith(logArea) ? [api.name, api.name.slice(logArea.length)] : [api.name]
    return names.map((name) => routeOf(api, `/service/${name}`, { adminKey: 'optional', evidence: source }))
  })
}

const logArea = 'log/'

const source = evidence('community', 'first-generation reference and a script of the platform', [
  'an alias of the third generation; differences other than the absent Authorization are not known',
])
