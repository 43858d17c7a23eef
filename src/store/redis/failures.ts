import { StorageFull, StoreUnavailable } from '../store.js'

/** The rows were exchanged as a whole while a transaction read them: it begins anew. Never leaves the store. */
export class Moved extends Error {
  override readonly name = 'Moved'
}

/** Whether a command may have been carried out although its answer never came. */
export function isUncertain(error: unknown): boolean {
  return !isReply(error) && !/isn't writeable|Connection is closed\.?$|None of startup nodes/.test(messageOf(error))
}

/** What a failed command means to whoever asked the store, in words that say what to do. */
export function storeFailure(error: unknown): Error {
  if (error instanceof StoreUnavailable || error instanceof StorageFull) return error
  const message = messageOf(error)
  if (message.startsWith('OOM')) {
    return new StorageFull(`Redis has reached its limit (maxmemory). Raise it, or reset or drop workspaces.`)
  }
  if (message.startsWith('MISCONF')) return new StorageFull(`Redis cannot write to its disk and takes no more: ${message}`)
  if (message.includes('Error compiling script') || message.includes('user_script')) {
    return new Error(`A script failed in Redis: ${message}`)
  }
  return new StoreUnavailable(`Redis cannot be reached at the moment: ${message}`)
}

function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
