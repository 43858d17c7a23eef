import type { Leases } from '../store/store.js'

/** Who moves a workspace. One process alone always does; of several on one store it is the one that holds the lease. */
export class Duty {
  readonly #leases: Leases | undefined

  constructor(leases: Leases | undefined) {
    this.#leases = leases
  }

  /** Whether other processes may do the same. */
  get isShared(): boolean {
    return this.#leases !== undefined
  }

  /** Takes it over if nobody else has it. */
  async take(workspace: string): Promise<boolean> {
    return !this.#leases || this.#leases.has(workspace) || this.#leases.take(workspace)
  }

  /** Resolves when this process has it; whoever has it now finishes first or dies. */
  async wait(workspace: string): Promise<void> {
    while (!(await this.take(workspace))) await new Promise((resume) => setTimeout(resume, pollMs))
  }

  /** Runs something once this process has it. */
  during<T>(workspace: string, work: () => Promise<T>): Promise<T> {
    return this.#leases ? this.wait(workspace).then(work) : work()
  }

  /** Gives it back; what cannot be given back now ends by itself. */
  release(workspace: string): void {
    this.#leases?.release(workspace).catch(() => {})
  }
}

const pollMs = 50

/** How long, in real milliseconds, a process leaves what is due to the one that is at it before it asks again. */
export const leaveMs = 1_000
