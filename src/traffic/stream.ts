import { entryOf } from './entry.js'
import type { Traffic } from './traffic.js'

/** Where a stream of entries comes from. */
export interface StreamSource {
  /** The workspace's traffic as it is now; another object after the workspace was dropped and made again. */
  traffic: () => Promise<Traffic | undefined>
  /** Calls back after an exchange was recorded; answers the way to stop. */
  onRecorded: (wake: () => void) => () => void
  /** Ends every stream. */
  closing: AbortSignal
}

/**
 * Entries as server-sent events, from now on or, with the id of the last one seen, from the one after it. A listener reads what is
 * kept at its own pace: one that is too slow misses what was dropped meanwhile, is told how many, and costs no memory.
 */
export function trafficStream(source: StreamSource, lastEventId: string | undefined): ReadableStream<Uint8Array> {
  const bell = ringable()
  const reader = new PlacedReader()
  const stopListening = source.onRecorded(bell.ring)
  source.closing.addEventListener('abort', bell.ring)
  let isCancelled = false
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
      let text = reader.take(await source.traffic())
      while (text === '' && !isCancelled && !source.closing.aborted) {
        const rang = await bell.wait(heartbeatMs)
        text = rang ? reader.take(await source.traffic()) : ': still here\n\n'
      }
      if (isCancelled) return
      if (text !== '') return controller.enqueue(encoder.encode(text))
      letGo()
      controller.close()
    },
    cancel() {
      isCancelled = true
      letGo()
      bell.ring()
    },
  })
}

/** Reads on from its place in what is kept, some entries at a time. */
class PlacedReader {
  #traffic: Traffic | undefined
  #place = 0

  begin(traffic: Traffic | undefined, lastEventId: string | undefined): void {
    this.#traffic = traffic
    if (traffic) this.#place = lastEventId === undefined ? traffic.places.end : traffic.placeAfter(lastEventId)
  }

  /** What came since, as events; empty when nothing did. */
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
    for (; this.#place < end && text.length < chunkCharacters; this.#place++) {
      const exchange = traffic.at(this.#place)
      if (exchange) text += `id: ${exchange.id}\nevent: traffic\ndata: ${JSON.stringify(entryOf(exchange))}\n\n`
    }
    return text
  }
}

/** Something to wait for that somebody else rings, or that time ends; answers whether it rang. */
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
