import type { Change } from '../store.js'
import type { Done, Events, OwnCommit } from './events.js'

type Listener = (workspace: string, changes: Change[] | undefined) => void

/** Calls the listeners of this process for each commit, in order, for commits of this process and of others. */
export class CommitListeners {
  readonly #listeners: Listener[] = []
  readonly #last = new Map<string, Promise<void>>()

  constructor(readonly report: (message: string) => void) {}

  add(listener: Listener): void {
    this.#listeners.push(listener)
  }

  notify(workspace: string, { isWhole, changes }: Done): void {
    if (isWhole) this.#each(workspace, undefined)
    if (changes.length > 0) this.#each(workspace, changes)
  }

  /** Resolves when the listeners were called for a commit of this process, after all its earlier commits in that workspace. */
  async settle(workspace: string, done: Done, heard?: { own: OwnCommit; events: Events }): Promise<void> {
    const before = this.#last.get(workspace)
    if (!before && !heard) return this.notify(workspace, done)
    const mine = this.#settle(workspace, done, { before, heard })
    this.#last.set(workspace, mine)
    await mine
    if (this.#last.get(workspace) === mine) this.#last.delete(workspace)
  }

  async #settle(
    workspace: string,
    done: Done,
    { before, heard }: { before: Promise<void> | undefined; heard: { own: OwnCommit; events: Events } | undefined },
  ): Promise<void> {
    if (heard) return heard.events.heard(heard.own, done)
    await before
    this.notify(workspace, done)
  }

  #each(workspace: string, changes: Change[] | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(workspace, changes)
      } catch (error) {
        this.report(`A commit listener failed: ${String(error)}`)
      }
    }
  }
}
