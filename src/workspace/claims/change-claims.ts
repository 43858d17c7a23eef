import { NotImplemented, type Problem } from '../../kernel/problem.js'
import type { ClaimBook, Credential } from './claim-book.js'
import type { ClaimedPorts, OpenPort } from './claimed-ports.js'
import type { ClaimRow } from '../tables.js'
import { Mutex } from '../../kernel/mutex.js'
import { defaultWorkspace, type Workspaces } from '../workspaces.js'

/** Claims in a `PUT` of a workspace. */
export interface ClaimWish {
  /** 0: any free port, or the one it has. */
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

  /** Starts to serve ports: opens those that were claimed before, and returns a sentence for each that could not be opened. */
  beginPorts(openPort: OpenPort): Promise<string[]> {
    return this.#alone(() => this.ports.begin(openPort, this.claims.all()))
  }

  /**
   * Makes a workspace if it does not exist, and replaces its claims, all or none. True if the workspace is new.
   *
   * @throws Problem 409 if another workspace has a claimed port or credential, or there are too many workspaces
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

  /** Drops a workspace with its claims, snapshots and rows. `default` is made again. False if it did not exist. */
  drop(name: string): Promise<boolean> {
    return this.#alone(async () => {
      const { ports = [] } = this.claims.of(name) ?? {}
      await this.claims.release(name)
      for (const port of ports) this.ports.close(port)
      return (await this.workspaces.drop(name)) || name === defaultWorkspace
    })
  }

  /** Waits for running changes, then closes all ports. */
  async end(): Promise<void> {
    await this.#mutex.settled()
    await this.ports.end()
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#mutex.run('registry', work)
  }

  /** The port for a workspace: the one it has, if it matches. */
  async #port(name: string, wanted: number | undefined): Promise<{ number: number; isNew: boolean } | undefined> {
    if (wanted === undefined) return undefined
    const own = this.claims.of(name)?.ports.find((port) => (wanted === 0 || port === wanted) && this.ports.isOpen(port, name))
    if (own !== undefined) return { number: own, isNew: false }
    // Checked first, because the system's error does not name the workspace that holds the port.
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
