import type { Client } from './connect.js'
import type { Keyspace } from './keys.js'
import { run, script } from './run-script.js'
import { holdScript, releaseScript } from './lock-scripts.js'

const hold = script(holdScript)
const release = script(releaseScript)

/** Keys that one process holds for a while; whoever dies lets go by itself. */
export class Locks {
  constructor(
    readonly client: Client,
    readonly keys: Keyspace,
    /** What is held, `lock` for committing alone. */
    readonly name: string,
    readonly milliseconds: number,
  ) {}

  /** Takes it when it is free, prolongs it when this holder has it; false when somebody else has. */
  async take(workspace: string, holder: string): Promise<boolean> {
    return (await run(this.client, hold, this.#key(workspace), [holder, this.milliseconds])) === 1
  }

  /** Lets go. What cannot be let go of now ends by itself. */
  async release(workspace: string, holder: string): Promise<void> {
    await run(this.client, release, this.#key(workspace), [holder]).catch(() => {})
  }

  #key(workspace: string): string {
    return `${this.keys.head(workspace)}:${this.name}`
  }
}
