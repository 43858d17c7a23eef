import { kinds, type Kind } from './calls.js'
import { aClient, type Answered } from './client.js'
import type { Ledger } from './ledger.js'
import { pause } from '../command.js'

/** Clients at work. */
export interface Load {
  /** Resolves once this many calls of the load were acknowledged, or the load ended. */
  reached(acknowledged: number): Promise<void>
  /** Resolves to true once this many more calls were acknowledged, and to false if the load ended before or the time is over. */
  further(acknowledged: number, withinMs: number): Promise<boolean>
  /** Lets what runs finish and ends. */
  stop(): Promise<void>
}

/** Options for a load. */
export interface LoadOptions {
  clients?: number
  kinds?: readonly Kind[]
  /** Called for every answer; without it, an answer of 500 or more counts as unclean. */
  onAnswer?: (answer: Answered, kind: Kind) => void
  /** Called for each answer that began and never ended. */
  onCut?: () => void
  /** Goes on after calls that got no answer, and pauses after each of them and after each refusal of 500 or more. */
  keepsOn?: boolean
  /** Certificate of the authority that the clients trust, PEM; the calls go over TLS then. */
  authority?: string | undefined
}

/** Sends calls from several keep-alive clients, one in ten of them again, until it is stopped or the server no longer answers. */
export function startLoad(url: string, ledger: Ledger, options: LoadOptions = {}): Load {
  const { clients = 8, keepsOn = false } = options
  const onAnswer = options.onAnswer ?? noteFailures(ledger)
  const mix = mixOf(options.kinds ?? kinds)
  const waiting: { count: number; resume: () => void }[] = []
  const stopping = new AbortController()
  let acknowledged = 0
  const work = async () => {
    const client = aClient(url, options)
    while (!stopping.signal.aborted) {
      const repeat = Math.random() < 0.1 ? ledger.again(Math.random()) : undefined
      const kind = repeat?.kind ?? mix[Math.floor(Math.random() * mix.length)]!
      const id = repeat?.id ?? ledger.fresh(kind)
      const answer = await client.ask(kind.call(id))
      ledger.settle(id, answer)
      if (answer) onAnswer(answer, kind)
      else if (!keepsOn) break
      if (keepsOn && (!answer || answer.status >= 500)) await pause(20)
      if (!answer || !kind.accepts(answer.status, answer.text)) continue
      acknowledged += 1
      for (const one of waiting) if (acknowledged >= one.count) one.resume()
    }
    client.close()
  }
  const done = Promise.all(Array.from({ length: clients }, work))
  const reached = (count: number) => Promise.race([done.then(() => {}), new Promise<void>((resume) => waiting.push({ count, resume }))])
  return {
    reached,
    async further(count, withinMs) {
      const wanted = acknowledged + count
      let timer: NodeJS.Timeout | undefined
      const isLate = new Promise<void>((resume) => (timer = setTimeout(resume, withinMs)))
      await Promise.race([reached(wanted), isLate])
      clearTimeout(timer)
      return acknowledged >= wanted
    },
    async stop() {
      stopping.abort()
      await done
    },
  }
}

function noteFailures(ledger: Ledger): NonNullable<LoadOptions['onAnswer']> {
  return ({ status, text }, { name }) => {
    if (status >= 500) ledger.wrongs.unclean.push(`${name} was answered with ${status} ${text}`)
  }
}

function mixOf(used: readonly Kind[]): Kind[] {
  return used.flatMap((kind) => Array.from({ length: kind.share }, () => kind))
}
