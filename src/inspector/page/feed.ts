import { useEffect, useRef, useState } from 'preact/hooks'
import { asRefusal, useEpoch } from './asked.js'
import { ask, call, type Refusal } from './control.js'
import { usePlace, workspaceParameter } from './place.js'
import type { BriefEntry } from './shapes.js'

/** Lines of a page of the list. */
export const pageSize = 100

/** Current state of the list of requests. */
export interface Feed {
  entries: readonly BriefEntry[] | undefined
  /** Newest first, received while the list is held. */
  waiting: readonly BriefEntry[]
  /** Number of entries that wait, also of those that no longer fit on a page. */
  waitingCount: number
  /** Kept entries that pass the filter. */
  total: number
  /** Number of the page that is shown; the first follows new requests. */
  page: number
  /** Time of the newest request of the page after it; undefined if there is none. */
  older: string | undefined
  /** Filter that the entries passed. */
  filter: string | undefined
  refusal: Refusal | undefined
  isLive: boolean
}

/** Part of the list that a feed shows. */
export interface Wish {
  filter: string
  /** Undefined: the page with the entry `around`, else the first. */
  page: number | undefined
  around: string | undefined
}

/** Reasons to hold the list, so that no row moves while the user aims at it, reads it or has chosen it. */
export type HoldReason = 'pointer' | 'focus' | 'scroll' | 'choice' | 'pause'

/** The requests that pass a filter, with the means to hold them. */
export interface HeldFeed extends Feed {
  isHeld: boolean
  hold(reason: HoldReason, isOn: boolean): void
  /** Shows what waits, at once. */
  showWaiting(): void
}

/** One page of the requests that pass a filter; the first page follows new requests unless it is held. */
export function useFeed({ filter, page, around }: Wish): HeldFeed {
  const workspace = usePlace().query[workspaceParameter]
  const epoch = useEpoch()
  const isHidden = useHidden()
  const reasons = useRef(new Set<HoldReason>())
  const [isHeld, setHeld] = useState(false)
  const [feed, setFeed] = useState<Feed>(emptyFeed)
  // Choosing another row must not load the list again.
  const wanted = useRef(around)
  wanted.current = around
  useEffect(() => {
    if (isHidden) return
    const leave = new AbortController()
    const show = (change: (before: Feed) => Feed) => !leave.signal.aborted && setFeed(change)
    void keepUp({ filter, page, around: wanted.current, isHeld: () => reasons.current.size > 0, signal: leave.signal }, show)
    return () => leave.abort()
  }, [filter, page, workspace, epoch, isHidden])
  const hold = (reason: HoldReason, isOn: boolean) => {
    if (reasons.current.has(reason) === isOn) return
    if (isOn) reasons.current.add(reason)
    else reasons.current.delete(reason)
    const isNowHeld = reasons.current.size > 0
    setHeld(isNowHeld)
    if (!isNowHeld) setFeed(withWaiting)
  }
  return { ...feed, isHeld, hold, showWaiting: () => setFeed(withWaiting) }
}

const emptyFeed: Feed = {
  entries: undefined,
  waiting: [],
  waitingCount: 0,
  total: 0,
  page: 0,
  older: undefined,
  filter: undefined,
  refusal: undefined,
  isLive: false,
}

/** Answer of the control API. */
interface List {
  entries: BriefEntry[]
  total: number
  skip?: number
  older: string | null
}

interface Following extends Wish {
  isHeld: () => boolean
  signal: AbortSignal
}

/** Requests the page and then follows the stream; after a lost connection it starts again. */
async function keepUp(wish: Following, show: (change: (before: Feed) => Feed) => void): Promise<void> {
  const { filter, page, around, signal } = wish
  const place = page === undefined && around !== undefined ? `around=${encodeURIComponent(around)}` : `skip=${(page ?? 0) * pageSize}`
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      const query = `brief=true&limit=${pageSize}&${place}${filter && `&${filter}`}`
      const list = await ask<List>('GET', `traffic?${query}`, undefined, signal)
      const { entries, total, older } = list
      const shown = page ?? Math.floor((list.skip ?? 0) / pageSize)
      show(() => ({ ...emptyFeed, entries, total, page: shown, older: older ?? undefined, filter, isLive: shown === 0 }))
      if (shown > 0) return
      failures = 0
      await listen(entries[0]?.id, wish, (more) => show((before) => added(before, more, wish.isHeld())))
    } catch (error) {
      if (signal.aborted) return
      const refusal = asRefusal(error)
      const isRefused = refusal.status >= 400 && refusal.status < 500
      // The requests of the query before are not those of one that is refused.
      show((before) => (isRefused ? { ...emptyFeed, refusal } : { ...before, refusal, isLive: false }))
      if (isRefused) return
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(2_000, 250 * 2 ** failures)))
  }
}

/** Reads the stream until it ends. Events are passed on once per frame. */
async function listen(last: string | undefined, { filter, signal }: Following, pass: (entries: BriefEntry[]) => void): Promise<void> {
  // Any id that was never given stands for the beginning.
  const headers = { Accept: 'text/event-stream', 'Last-Event-ID': last ?? 'none' }
  const query = `brief=true&everyMs=${batchMs}&newest=${pageSize}${filter && `&${filter}`}`
  const response = await call('GET', `traffic/stream?${query}`, { signal, headers })
  if (!response.body) return
  let waiting: BriefEntry[] = []
  const flush = () => {
    if (waiting.length > 0) pass(waiting)
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

/** Adds new entries: to the list, or while it is held to those that wait. */
function added(before: Feed, more: readonly BriefEntry[], isHeld: boolean): Feed {
  const known = new Set([...(before.entries ?? []), ...before.waiting].map(({ id }) => id))
  const fresh = more.filter(({ id }) => !known.has(id))
  if (fresh.length === 0) return before
  const waiting = [...fresh.toReversed(), ...before.waiting].slice(0, pageSize)
  const feed = { ...before, waiting, waitingCount: before.waitingCount + fresh.length, total: before.total + fresh.length }
  return isHeld ? feed : withWaiting(feed)
}

function withWaiting(feed: Feed): Feed {
  if (feed.waiting.length === 0) return feed
  const all = [...feed.waiting, ...(feed.entries ?? [])]
  return { ...feed, entries: all.slice(0, pageSize), older: all[pageSize]?.receivedAt ?? feed.older, waiting: [], waitingCount: 0 }
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
