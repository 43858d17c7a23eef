import { registryWorkspace, WorkspaceLimit } from '../store.js'
import type { Client } from './connect.js'
import type { Keyspace } from './keys.js'
import { run, script, withStoreErrors } from './run-script.js'

/** Adds a name to the workspaces: 1 if it is there afterwards, 0 if there are too many. */
const add = script(`
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 1 end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
redis.call('ZADD', KEYS[1], (tonumber(last[2]) or 0) + 1, ARGV[1])
return 1
`)

/** Adds or removes a name, unless its version changed since it was read: 1, or 0 with nothing done. */
const settle = script(`
local name, exists, key, version, token, milliseconds = unpack(ARGV)
if (redis.call('GET', key) or '') ~= version then return 0 end
redis.call('SET', key, token, 'PX', milliseconds)
if exists ~= '1' then
  redis.call('ZREM', KEYS[1], name)
elseif not redis.call('ZSCORE', KEYS[1], name) then
  local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  redis.call('ZADD', KEYS[1], (tonumber(last[2]) or 0) + 1, name)
end
return 1
`)

/** Longer than a process waits between reading a version and using it. */
const versionMs = 3_600_000

/**
 * Names of all workspaces, in the order in which they were made. In a cluster they are stored on another server than the workspaces, so
 * that one script cannot change both. A name is therefore added before its workspace is made, and settled after each change.
 */
export class WorkspaceIndex {
  readonly #options: { client: Client; keys: Keyspace; limit: number; token: () => string }

  constructor(options: { client: Client; keys: Keyspace; limit: number; token: () => string }) {
    this.#options = options
  }

  /** Adds a workspace that is about to be made. @throws WorkspaceLimit */
  async add(workspace: string): Promise<void> {
    if (workspace === registryWorkspace) return
    const { client, keys, limit } = this.#options
    if ((await run(client, add, keys.names, [workspace, limit])) === 1) return
    throw new WorkspaceLimit(`There are ${limit} workspaces, which is the limit; workspace ${workspace} cannot be made. Drop one first.`)
  }

  /**
   * Lists a workspace that exists, and removes the name of one that does not. Every process calls this after it made or dropped a
   * workspace. The version is read before the workspace and compared when the name is written, so the last writer saw the last change.
   */
  async settle(workspace: string): Promise<void> {
    if (workspace === registryWorkspace) return
    const { client, keys, token } = this.#options
    const key = keys.nameVersion(workspace)
    for (;;) {
      const version = (await withStoreErrors(client.get(key))) ?? ''
      const exists = await withStoreErrors(client.exists(keys.head(workspace)))
      if ((await run(client, settle, keys.names, [workspace, exists, key, version, token(), versionMs])) === 1) return
    }
  }

  /** Settles the name of a workspace that was just made. Never rejects, because the rows are committed and the name was added before. */
  async settleAfterCommit(workspace: string): Promise<void> {
    await this.settle(workspace).catch(() => {})
  }

  all(): Promise<string[]> {
    const { client, keys } = this.#options
    return withStoreErrors(client.zrange(keys.names, '0', '-1'))
  }
}
