import type { Result, Router } from 'hono/router'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'

/**
 * A router for Hono with a router of its own for each first path segment. Hono's fastest router cannot take the routes of some vendors, and
 * must not be lost to the others because of them; and each is built at the first request for its segment.
 */
export class MountRouter<T> implements Router<T> {
  readonly name = 'MountRouter'
  readonly #routers = new Map<string, Router<T>>()

  add(method: string, path: string, handler: T): void {
    const segment = firstSegment(path)
    let router = this.#routers.get(segment)
    if (!router) {
      router = new SmartRouter({ routers: [new RegExpRouter(), new TrieRouter()] })
      this.#routers.set(segment, router)
    }
    router.add(method, path, handler)
  }

  match(method: string, path: string): Result<T> {
    return this.#routers.get(firstSegment(path))?.match(method, path) ?? nothing
  }
}

const nothing: Result<never> = [[]]

function firstSegment(path: string): string {
  const end = path.indexOf('/', 1)
  return end < 0 ? path : path.slice(0, end)
}
