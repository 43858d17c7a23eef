import { createHash } from 'node:crypto'
import type { Client } from './connect.js'
import { storeFailure } from './failures.js'

/** A script with the hash that Redis finds it by. */
export interface Script {
  text: string
  sha: string
}

/** WorkspaceIndex a script. */
export function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/** Runs a script on one key, which decides the server in a cluster. Rejects with the client's error. */
export async function runRaw(client: Client, { text, sha }: Script, key: string, args: readonly (string | number)[]): Promise<unknown> {
  try {
    return await client.evalsha(sha, 1, key, ...args)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return client.eval(text, 1, key, ...args)
  }
}

/** Runs a script with the store's errors. @throws StoreUnavailable, StorageFull */
export function run(client: Client, what: Script, key: string, args: readonly (string | number)[] = []): Promise<unknown> {
  return withStoreErrors(runRaw(client, what, key, args))
}

/** Maps the error of a command to the store's errors. @throws StoreUnavailable, StorageFull */
export async function withStoreErrors<T>(command: Promise<T>): Promise<T> {
  try {
    return await command
  } catch (error) {
    throw storeFailure(error)
  }
}
