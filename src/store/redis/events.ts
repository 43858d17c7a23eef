import type { Change } from '../store.js'
import type { Client } from './connect.js'

/** What one commit tells every process: rows of the sandbox's own tables, or that all rows were exchanged. */
export interface CommitMessage {
  /** The process that committed, and the version it wrote. */
  from: string
  token: string
  workspace: string
  /** The workspace as a whole was made, exchanged or dropped before the changes. */
  isWhole: boolean
  changes: Change[]
}

/** What a commit did to a workspace, as listeners are told. */
export type Done = Pick<CommitMessage, 'isWhole' | 'changes'>

type Told = (workspace: string, done: Done) => void

/** Hears of commits that every process must know of, its own included, in the order in which Redis made them. */
export class Events {
  readonly #parts: { client: Client; channel: string; from: string; tell: Told; missed: () => void }
  readonly #own = new Map<string, OwnCommit>()
  #last: Promise<void> = Promise.resolve()
  #isListening = false
  #hasMissed = false

  constructor(parts: { client: Client; channel: string; from: string; tell: Told; missed: () => void }) {
    this.#parts = parts
    parts.client.on('message', (channel: string, text: string) => {
      if (channel === parts.channel) this.#last = this.#last.then(() => this.#hear(text))
    })
    parts.client.on('close', () => this.#lose())
    parts.client.on('ready', () => void this.#listen())
  }

  /** Resolves when everything that is told from now on will be heard. */
  async start(): Promise<void> {
    await this.#parts.client.connect()
    await this.#listen()
  }

  /** Makes ready to hear of a commit that is about to be sent. */
  announce(workspace: string, token: string, { isWhole, changes }: Done): OwnCommit {
    const message: CommitMessage = { from: this.#parts.from, token, workspace, isWhole, changes }
    const own = new OwnCommit(workspace, token, JSON.stringify(message))
    this.#own.set(token, own)
    return own
  }

  /** Resolves when everybody here has heard of a commit that landed; at once where nothing can be heard at the moment. */
  async heard(own: OwnCommit, done: Done): Promise<void> {
    own.landed(done)
    if (this.#isListening) {
      const late = setTimeout(() => own.arrived(), timeoutMs)
      await own.arrival
      clearTimeout(late)
    }
    if (this.#own.delete(own.token)) this.#parts.tell(own.workspace, done)
  }

  /** The commit came to nothing. */
  forget(own: OwnCommit): void {
    this.#own.delete(own.token)
    own.landed(undefined)
  }

  close(): void {
    this.#parts.client.disconnect()
  }

  async #listen(): Promise<void> {
    try {
      await this.#parts.client.subscribe(this.#parts.channel)
    } catch {
      // The connection broke again; the next one tries again.
      return
    }
    this.#isListening = true
    if (this.#hasMissed) this.#parts.missed()
    this.#hasMissed = false
  }

  #lose(): void {
    if (!this.#isListening) return
    this.#isListening = false
    this.#hasMissed = true
    for (const own of this.#own.values()) own.arrived()
  }

  async #hear(text: string): Promise<void> {
    // Only this program publishes on its channel.
    const { from, token, workspace, ...done } = JSON.parse(text) as CommitMessage
    if (from !== this.#parts.from) return this.#parts.tell(workspace, done)
    const own = this.#own.get(token)
    // Its answer may still be on the way; what comes after it is told after it.
    const landed = await own?.outcome
    if (!own || !landed || !this.#own.delete(token)) return
    this.#parts.tell(workspace, landed)
    own.arrived()
  }
}

/** A commit of this process that all processes are told of. */
export class OwnCommit {
  /** Undefined: it came to nothing. */
  readonly outcome: Promise<Done | undefined>
  readonly arrival: Promise<void>
  landed!: (done: Done | undefined) => void
  arrived!: () => void

  constructor(
    readonly workspace: string,
    readonly token: string,
    readonly message: string,
  ) {
    this.outcome = new Promise((resolve) => (this.landed = resolve))
    this.arrival = new Promise((resolve) => (this.arrived = resolve))
  }
}

/** How long one's own commit is waited for before it is told without Redis. */
const timeoutMs = 1_000
