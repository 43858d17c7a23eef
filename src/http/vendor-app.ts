import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import type { Route, Vendor } from '../contract.js'

/** A route that answers, with its path parameters, or why none does. */
export type Match =
  | { kind: 'route'; route: Route; params: Readonly<Record<string, string>> | undefined }
  | { kind: 'method-not-allowed'; allow: readonly string[] }
  | { kind: 'not-found' }

/** Finds the route of one vendor. Routes without parameters are found by one look-up, the others by Hono's routers. */
export function routerOf(vendor: Pick<Vendor, 'routes'>): (method: string, path: string) => Match {
  const fixed = new Map<string, Route>()
  const router = new SmartRouter<Route>({ routers: [new RegExpRouter(), new TrieRouter()] })
  const methods = new Set<string>()
  for (const route of vendor.routes) {
    methods.add(route.method)
    router.add(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), route)
    if (!route.path.includes('{')) fixed.set(`${route.method} ${route.path}`, route)
  }
  if (vendor.routes.length === 0) return () => ({ kind: 'not-found' })

  const find = (method: string, path: string): Match | undefined => {
    const [found, stash] = router.match(method, path)
    const [first] = found
    if (!first) return undefined
    const [route, references] = first
    const params: Record<string, string> = {}
    for (const [name, reference] of Object.entries(references)) {
      params[name] = decode(typeof reference === 'number' ? (stash?.[reference] ?? '') : reference)
    }
    return { kind: 'route', route, params }
  }

  return (method, path) => {
    const route = fixed.get(`${method} ${path}`)
    if (route) return { kind: 'route', route, params: undefined }
    const found = find(method, path)
    if (found) return found
    const allow = [...methods].filter((other) => other !== method && find(other, path) !== undefined)
    return allow.length > 0 ? { kind: 'method-not-allowed', allow } : { kind: 'not-found' }
  }
}

/** A path parameter's text; a broken escape stays as it was sent. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
