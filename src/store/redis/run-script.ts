import { createHash } from 'node:crypto'
import type { Client } from './connect.js'
import { storeFailure } from './failures.js'

/** A script with the name Redis knows it by. */
export interface Script {
  text: string
  sha: string
}

/** WorkspaceIndex a script. */
export function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/** Runs a script on one key, which says where it runs. Rejects as the client does. */
export async function runRaw(client: Client, { text, sha }: Script, key: string, args: readonly (string | number)[]): Promise<unknown> {
  try {
    return await client.evalsha(sha, 1, key, ...args)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return client.eval(text, 1, key, ...args)
  }
}

/** The same for those who only pass a failure on. @throws StoreUnavailable, StorageFull */
export function run(client: Client, what: Script, key: string, args: readonly (string | number)[] = []): Promise<unknown> {
  return withStoreErrors(runRaw(client, what, key, args))
}

/** A command whose failure is told in the store's words. @throws StoreUnavailable, StorageFull */
export async function withStoreErrors<T>(command: Promise<T>): Promise<T> {
  try {
    return await command
  } catch (error) {
    throw storeFailure(error)
  }
}
