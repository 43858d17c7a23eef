import { registryWorkspace, WorkspaceLimit } from '../store.js'
import type { Client } from './connect.js'
import type { Keyspace } from './keys.js'
import { run, script, told } from './link.js'
import { enrolScript } from './lock-scripts.js'

const enrol = script(enrolScript)

/** Which workspaces there are. In a cluster their names live elsewhere than they do, so a name comes first and goes last. */
export class Names {
  constructor(
    readonly client: Client,
    readonly keys: Keyspace,
    readonly limit: number,
  ) {}

  /** Enters a workspace that is about to be made. @throws WorkspaceLimit */
  async enrol(workspace: string): Promise<void> {
    if (workspace === registryWorkspace) return
    if ((await run(this.client, enrol, this.keys.names, [workspace, this.limit])) === 1) return
    throw new WorkspaceLimit(
      `There are ${this.limit} workspaces, which is the limit; workspace ${workspace} cannot be made. Drop one first.`,
    )
  }

  /** Strikes out a workspace that was dropped, unless somebody made it again at once. */
  async strike(workspace: string): Promise<void> {
    await told(this.client.zrem(this.keys.names, workspace))
    if ((await told(this.client.exists(this.keys.head(workspace)))) === 1) await this.enrol(workspace)
  }

  /** In the order in which they were made. */
  all(): Promise<string[]> {
    return told(this.client.zrange(this.keys.names, '0', '-1'))
  }
}
