import { NotImplemented, type Problem } from '../../kernel/problem.js'
import type { ClaimBook, Credential } from './claim-book.js'
import type { ClaimedPorts, OpenPort } from './claimed-ports.js'
import type { ClaimRow } from '../tables.js'
import { Mutex } from '../../kernel/mutex.js'
import { defaultWorkspace, type Workspaces } from '../workspaces.js'

/** What a workspace claims when it is put. */
export interface ClaimWish {
  /** 0: any that is free, or the one it has. */
  port?: number | undefined
  credentials: readonly Credential[]
}

/** Makes and drops workspaces together with what they claim; one change at a time. */
export class Registry {
  readonly #mutex = new Mutex()

  constructor(
    readonly workspaces: Workspaces,
    readonly claims: ClaimBook,
    readonly ports: ClaimedPorts,
  ) {}

  /** Lets workspaces have ports: opens those that were claimed before, and says which could not be. */
  beginPorts(openPort: OpenPort): Promise<string[]> {
    return this.#alone(() => this.ports.begin(openPort, this.claims.all()))
  }

  /**
   * Makes a workspace, or takes it as it is, and puts its claims in the place of those it had: all or nothing. True when it is new.
   *
   * @throws Problem 409 when somebody else has what it claims, or there are too many workspaces
   */
  put(name: string, wish: ClaimWish): Promise<boolean> {
    return this.#alone(async () => {
      if (wish.port !== undefined && this.workspaces.store.shared) throw portOfOneProcess()
      const before = this.claims.of(name)
      const known = (await this.workspaces.find(name)) !== undefined
      const port = await this.#port(name, wish.port)
      const claim = { workspace: name, ports: port ? [port.number] : [], credentials: distinct(wish.credentials) }
      try {
        await this.claims.replace(claim)
        await this.workspaces.open(name)
      } catch (error) {
        if (port?.isNew) this.ports.close(port.number)
        await this.#restore(name, before)
        throw error
      }
      for (const old of before?.ports ?? []) if (old !== port?.number) this.ports.close(old)
      return !known
    })
  }

  /** Drops a workspace with its claims, snapshots and rows; `default` starts anew. False when there was none. */
  drop(name: string): Promise<boolean> {
    return this.#alone(async () => {
      const { ports = [] } = this.claims.of(name) ?? {}
      await this.claims.release(name)
      for (const port of ports) this.ports.close(port)
      return (await this.workspaces.drop(name)) || name === defaultWorkspace
    })
  }

  /** Waits for what runs, then closes all ports. */
  async end(): Promise<void> {
    await this.#mutex.settled()
    await this.ports.end()
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#mutex.run('registry', work)
  }

  /** The port a workspace gets: its own where that will do. */
  async #port(name: string, wanted: number | undefined): Promise<{ number: number; isNew: boolean } | undefined> {
    if (wanted === undefined) return undefined
    const own = this.claims.of(name)?.ports.find((port) => (wanted === 0 || port === wanted) && this.ports.isOpen(port, name))
    if (own !== undefined) return { number: own, isNew: false }
    // Who holds it is said better than by the system, for which it is only in use.
    if (wanted !== 0) this.claims.refusePort(wanted, name)
    return { number: await this.ports.open(wanted, name), isNew: true }
  }

  async #restore(name: string, before: ClaimRow | undefined): Promise<void> {
    if (before) await this.claims.replace(before)
    else await this.claims.release(name)
  }
}

function portOfOneProcess(): Problem {
  return new NotImplemented({
    type: 'ports-not-shared',
    title: 'Ports not supported with --store.',
    detail: 'A port belongs to one process, and this workspace to several. Choose it by a header, a path, a host label or a credential.',
    errors: [{ path: '/port', message: 'cannot be claimed with --store' }],
  })
}

function distinct(credentials: readonly Credential[]): Credential[] {
  const seen = new Map(credentials.map((credential) => [`${credential.vendor}/${credential.value}`, { ...credential }]))
  return [...seen.values()]
}
