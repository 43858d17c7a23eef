import type { Change } from '../store.js'
import type { Client } from './connect.js'
import { clearTimeout, setTimeout } from '../../kernel/timers.js'

/** Message to every process: a commit changed the sandbox's own tables, or replaced a whole workspace. */
export interface CommitMessage {
  /** The process that committed. */
  from: string
  token: string
  workspace: string
  /** True if the whole workspace was made, replaced or dropped before the changes. */
  isWhole: boolean
  changes: Change[]
}

/** Effect of a commit on a workspace. */
export type Done = Pick<CommitMessage, 'isWhole' | 'changes'>

type Notify = (workspace: string, done: Done) => void

/** Receives the commits that every process must know, its own included, in the order of Redis. */
export class Events {
  readonly #parts: { client: Client; channel: string; from: string; notify: Notify; missed: () => void }
  readonly #own = new Map<string, OwnCommit>()
  #last: Promise<void> = Promise.resolve()
  #isListening = false
  #hasMissed = false

  constructor(parts: { client: Client; channel: string; from: string; notify: Notify; missed: () => void }) {
    this.#parts = parts
    parts.client.on('message', (channel: string, text: string) => {
      if (channel === parts.channel) this.#last = this.#last.then(() => this.#hear(text))
    })
    parts.client.on('close', () => this.#lose())
    parts.client.on('ready', () => void this.#listen())
  }

  /** Resolves when the subscription is active. */
  async start(): Promise<void> {
    await this.#parts.client.connect()
    await this.#listen()
  }

  /** Registers a commit that is about to be sent. */
  announce(workspace: string, token: string, { isWhole, changes }: Done): OwnCommit {
    const message: CommitMessage = { from: this.#parts.from, token, workspace, isWhole, changes }
    const own = new OwnCommit(workspace, token, JSON.stringify(message))
    this.#own.set(token, own)
    return own
  }

  /** Resolves when the message of a successful commit came back and the listeners were called; at once without a subscription. */
  async heard(own: OwnCommit, done: Done): Promise<void> {
    own.landed(done)
    if (this.#isListening) {
      const late = setTimeout(() => own.arrived(), timeoutMs)
      await own.arrival
      clearTimeout(late)
    }
    if (this.#own.delete(own.token)) this.#parts.notify(own.workspace, done)
  }

  /** Unregisters a commit that failed. */
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
      // The connection broke again. The next one subscribes.
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
    if (from !== this.#parts.from) return this.#parts.notify(workspace, done)
    const own = this.#own.get(token)
    // Its reply may still be in flight. Later messages wait for it, to keep the order.
    const landed = await own?.outcome
    if (!own || !landed || !this.#own.delete(token)) return
    this.#parts.notify(workspace, landed)
    own.arrived()
  }
}

/** A commit of this process that is published to all processes. */
export class OwnCommit {
  /** `undefined` if the commit failed. */
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

/** Timeout for the message of an own commit. Then the listeners are called without it. */
const timeoutMs = 1_000
