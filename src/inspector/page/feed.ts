import { useEffect, useState } from 'preact/hooks'
import { asRefusal, useEpoch } from './asked.js'
import { ask, call, type Refusal } from './control.js'
import { usePlace, workspaceParameter } from './place.js'
import type { BriefEntry } from './shapes.js'

/** Lines of a page of the list. */
export const pageSize = 100

/** Current state of the list of requests. */
export interface Feed {
  entries: readonly BriefEntry[] | undefined
  /** Kept entries that pass the filter. */
  total: number
  refusal: Refusal | undefined
  isLive: boolean
}

/** One page of the requests that pass a filter; the first page follows new requests unless it is held. */
export function useFeed(filter: string, page: number, isHeld: boolean): Feed {
  const workspace = usePlace().query[workspaceParameter]
  const epoch = useEpoch()
  const isHidden = useHidden()
  const [feed, setFeed] = useState<Feed>({ entries: undefined, total: 0, refusal: undefined, isLive: false })
  useEffect(() => {
    if (isHidden) return
    const leave = new AbortController()
    void keepUp({ filter, page, isHeld, signal: leave.signal }, (change) => !leave.signal.aborted && setFeed(change))
    return () => leave.abort()
  }, [filter, page, isHeld, workspace, epoch, isHidden])
  return feed
}

interface Wish {
  filter: string
  page: number
  isHeld: boolean
  signal: AbortSignal
}

/** Requests the page and then follows the stream; after a lost connection it starts again. */
async function keepUp(wish: Wish, show: (change: (before: Feed) => Feed) => void): Promise<void> {
  const { filter, page, isHeld, signal } = wish
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      const query = `brief=true&limit=${pageSize}&skip=${page * pageSize}${filter && `&${filter}`}`
      const { entries, total } = await ask<{ entries: BriefEntry[]; total: number }>('GET', `traffic?${query}`, undefined, signal)
      const isLive = page === 0 && !isHeld
      show(() => ({ entries, total, refusal: undefined, isLive }))
      if (!isLive) return
      failures = 0
      await listen(entries[0]?.id, wish, (more) => show((before) => merged(before, more)))
    } catch (error) {
      if (signal.aborted) return
      const refusal = asRefusal(error)
      show((before) => ({ ...before, refusal, isLive: false }))
      if (refusal.status >= 400 && refusal.status < 500) return
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(2_000, 250 * 2 ** failures)))
  }
}

/** Reads the stream until it ends. Events are passed on once per frame. */
async function listen(last: string | undefined, { filter, signal }: Wish, tell: (entries: BriefEntry[]) => void): Promise<void> {
  // Any id that was never given stands for the beginning.
  const headers = { Accept: 'text/event-stream', 'Last-Event-ID': last ?? 'none' }
  const query = `brief=true&everyMs=${batchMs}&newest=${pageSize}${filter && `&${filter}`}`
  const response = await call('GET', `traffic/stream?${query}`, { signal, headers })
  if (!response.body) return
  let waiting: BriefEntry[] = []
  const flush = () => {
    if (waiting.length > 0) tell(waiting)
    waiting = []
  }
  let rest = ''
  // Not every browser can iterate a stream.
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const events = (rest + read.value).split('\n\n')
    rest = events.pop() ?? ''
    const entries = events.flatMap(entryIn)
    if (entries.length === 0) continue
    if (waiting.length === 0) requestAnimationFrame(flush)
    waiting.push(...entries)
  }
}

function entryIn(event: string): BriefEntry[] {
  const data = event.split('\n').find((line) => line.startsWith('data: '))
  return data === undefined ? [] : [JSON.parse(data.slice('data: '.length)) as BriefEntry]
}

/** Returns the newest entries first, at most one page. */
function merged(before: Feed, more: readonly BriefEntry[]): Feed {
  const known = new Set((before.entries ?? []).map(({ id }) => id))
  const fresh = more.filter(({ id }) => !known.has(id))
  if (fresh.length === 0) return before
  const entries = [...fresh.toReversed(), ...(before.entries ?? [])].slice(0, pageSize)
  return { ...before, entries, total: before.total + fresh.length }
}

/** A hidden tab sends no requests. */
function useHidden(): boolean {
  const [isHidden, setHidden] = useState(document.hidden)
  useEffect(() => {
    const look = () => setHidden(document.hidden)
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])
  return isHidden
}

const batchMs = 200
