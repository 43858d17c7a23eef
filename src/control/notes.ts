/** A change of a workspace that a control call made, for the inspector's list of requests. */
export interface Note {
  /** By the workspace's clock, before the change, as what the change causes comes after it. */
  at: string
  /** By the real clock. */
  receivedAt: string
  text: string
}

/** The newest changes of each workspace in this process. They are lost at a restart, as traffic is. */
export class Notes {
  readonly #kept = new Map<string, Note[]>()

  /** Adds a change; the one that empties the workspace drops those before it. */
  add(workspace: string, note: Note, isReset: boolean): void {
    const before = isReset ? [] : (this.#kept.get(workspace) ?? [])
    this.#kept.set(workspace, [...before, note].slice(-mostNotes))
  }

  /** Replaces the changes of a workspace by those of a session. */
  replace(workspace: string, notes: readonly Note[]): void {
    this.#kept.set(workspace, notes.slice(-mostNotes))
  }

  of(workspace: string): readonly Note[] {
    return this.#kept.get(workspace) ?? []
  }

  forget(workspace: string): void {
    this.#kept.delete(workspace)
  }
}

const mostNotes = 100
