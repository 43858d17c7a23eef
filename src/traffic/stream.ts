import { writeAsSent } from '../kernel/json/as-sent.js'
import { showEntry } from './entry.js'
import type { Entry, Traffic } from './traffic.js'
import { clearTimeout, performance, setTimeout } from '../kernel/timers.js'

/** Where a stream of entries comes from. */
export interface StreamSource {
  /** The workspace's traffic as it is now; another object after the workspace was dropped and made again. */
  traffic: () => Promise<Traffic | undefined>
  /** Calls back after an entry was recorded; answers the way to stop. */
  onRecorded: (wake: () => void) => () => void
  /** Ends every stream. */
  closing: AbortSignal
}

/** Options of a listener; without them every entry is sent, whole, at once. */
export interface StreamWish {
  passes?: (entry: Entry) => boolean
  show?: (entry: Entry) => unknown
  /** Minimum milliseconds between two batches, so that a viewer costs a busy sandbox little. */
  everyMs?: number | undefined
  /** Maximum entries per batch, the newest. */
  newest?: number | undefined
}

/**
 * Entries as server-sent events, from now on or, with the id of the last one seen, from the one after it. A listener reads what is
 * kept at its own pace: a slow listener misses the entries that were dropped meanwhile, receives their number, and costs no memory.
 */
export function trafficStream(source: StreamSource, lastEventId: string | undefined, wish: StreamWish = {}): ReadableStream<Uint8Array> {
  const bell = ringable()
  const reader = new PlacedReader(wish)
  const pause = pauses(wish.everyMs, source.closing)
  const stopListening = source.onRecorded(bell.ring)
  source.closing.addEventListener('abort', bell.ring)
  const cancelled = new AbortController()
  const letGo = () => {
    stopListening()
    source.closing.removeEventListener('abort', bell.ring)
  }
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      reader.begin(await source.traffic(), lastEventId)
      controller.enqueue(encoder.encode(': entries follow\n\n'))
    },
    async pull(controller) {
      await pause()
      let text = cancelled.signal.aborted ? '' : reader.take(await source.traffic())
      while (text === '' && !cancelled.signal.aborted && !source.closing.aborted) {
        const rang = await bell.wait(heartbeatMs)
        if (rang) await pause()
        text = rang ? reader.take(await source.traffic()) : ': still here\n\n'
      }
      if (cancelled.signal.aborted) return
      if (text !== '') return controller.enqueue(encoder.encode(text))
      letGo()
      controller.close()
    },
    cancel() {
      cancelled.abort()
      letGo()
      bell.ring()
    },
  })
}

/** Reads on from its place in what is kept, some entries at a time. */
class PlacedReader {
  readonly #wish: StreamWish
  #traffic: Traffic | undefined
  #place = 0

  constructor(wish: StreamWish) {
    this.#wish = wish
  }

  begin(traffic: Traffic | undefined, lastEventId: string | undefined): void {
    this.#traffic = traffic
    if (traffic) this.#place = lastEventId === undefined ? traffic.places.end : traffic.placeAfter(lastEventId)
  }

  /** Entries since the last call, as events; empty if nothing was added. */
  take(traffic: Traffic | undefined): string {
    if (traffic !== this.#traffic) this.#place = traffic?.places.oldest ?? 0
    this.#traffic = traffic
    if (!traffic) return ''
    const { oldest, end } = traffic.places
    let text = ''
    if (this.#place < oldest) {
      text = `: ${oldest - this.#place} entries were dropped before they could be sent\n\n`
      this.#place = oldest
    }
    const { passes = () => true, show = showEntry, newest } = this.#wish
    if (newest !== undefined) this.#skipAllBut(newest, traffic)
    for (; this.#place < end && text.length < chunkCharacters; this.#place++) {
      const entry = traffic.at(this.#place)
      if (entry && passes(entry)) text += `id: ${entry.id}\nevent: traffic\ndata: ${writeAsSent(show(entry))}\n\n`
    }
    return text
  }

  /** Skips ahead until at most this many matching entries are left. */
  #skipAllBut(newest: number, traffic: Traffic): void {
    const { passes } = this.#wish
    let left = newest
    for (let place = traffic.places.end - 1; place >= this.#place; place--) {
      const entry = traffic.at(place)
      if (!entry || (passes && !passes(entry))) continue
      if (left-- > 0) continue
      this.#place = place + 1
      return
    }
  }
}

/** Waits until this many milliseconds have passed since the last call, or the sandbox closes. */
function pauses(everyMs: number | undefined, closing: AbortSignal): () => Promise<void> {
  if (everyMs === undefined) return async () => {}
  let last = Number.NEGATIVE_INFINITY
  return async () => {
    const rest = last + everyMs - performance.now()
    if (rest > 0 && !closing.aborted) await new Promise((resolve) => setTimeout(resolve, rest))
    last = performance.now()
  }
}

/** A signal that another task rings; waiting for it resolves to true if it rang, false on a time-out. */
function ringable() {
  let resolveWait: ((rang: boolean) => void) | undefined
  return {
    ring: () => resolveWait?.(true),
    wait: (ms: number) =>
      new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolveWait?.(false), ms)
        resolveWait = (rang) => {
          clearTimeout(timer)
          resolveWait = undefined
          resolve(rang)
        }
      }),
  }
}

const encoder = new TextEncoder()
const heartbeatMs = 15_000
const chunkCharacters = 65_536
