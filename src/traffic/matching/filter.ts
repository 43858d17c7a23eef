import { z } from 'zod'
import { isPathLike } from './match.js'
import type { Verdict } from '../../kernel/outcome.js'
import { contains } from './search.js'
import type { Entry } from '../traffic.js'

/** A status, or a class of them such as `4xx`. */
export const statusText = z.string().regex(/^[1-5](\d\d|xx)$/i, 'must be a status such as 404 or a class such as 4xx')

/** True if a status equals the wanted one or belongs to the wanted class (`4xx`). */
export function isStatusLike(wanted: number | string, status: number | null): boolean {
  if (status === null) return false
  const text = String(wanted)
  return /xx$/i.test(text) ? Math.floor(status / 100) === Number(text[0]) : status === Number(text)
}

/** Filter of a list of requests. */
export interface Filter {
  vendor?: string | undefined
  /** In any case. */
  method?: string | undefined
  /** Equal, or with `*` at its end a prefix. */
  path?: string | undefined
  status?: string | number | undefined
  outcome?: string | undefined
  verdict?: Verdict | undefined
  /** Anywhere in request, answer and explanation, in any case. */
  search?: string | undefined
}

/** True if an entry matches every given member of a filter. */
export function passes({ vendor, method, path, status, outcome, verdict, search }: Filter, entry: Entry): boolean {
  return (
    (vendor === undefined || entry.vendor === vendor) &&
    (method === undefined || entry.head.method === method.toUpperCase()) &&
    (path === undefined || isPathLike(path, entry.path)) &&
    (status === undefined || isStatusLike(status, entry.reply?.status ?? null)) &&
    (outcome === undefined || entry.outcome === outcome) &&
    (verdict === undefined || entry.verdict === verdict) &&
    (search === undefined || contains(entry, search))
  )
}
