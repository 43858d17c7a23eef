import { StorageFull, StoreUnavailable } from '../store.js'

/** The whole workspace was replaced while a transaction read it, so it starts again. Never leaves the store. */
export class Moved extends Error {
  override readonly name = 'Moved'
}

/** True if a command may have been executed although its reply never came. */
export function isUncertain(error: unknown): boolean {
  return !isReply(error) && !/isn't writeable|Connection is closed\.?$|None of startup nodes/.test(messageOf(error))
}

/** Returns the store's error for a failed command, with what to do. */
export function storeFailure(error: unknown): Error {
  if (error instanceof StoreUnavailable || error instanceof StorageFull) return error
  const message = messageOf(error)
  const { code, text } = readReply(message)
  if (code === 'OOM') return new StorageFull('Redis has reached its limit (maxmemory). Raise it, or reset or drop workspaces.')
  if (code === 'MISCONF') return new StorageFull(`Redis cannot write to its disk and rejects writes: ${text}`)
  if (code !== undefined && passingCodes.has(code)) return new StoreUnavailable(`Redis does not accept this at the moment: ${text}`)
  if (message.includes('Error compiling script') || message.includes('user_script')) {
    return new Error(`A script failed in Redis: ${message}`)
  }
  return new StoreUnavailable(`Redis cannot be reached at the moment: ${message}`)
}

/** True if the server that answered is a replica, as the old primary is after a failover. */
export function isReadOnly(error: unknown): boolean {
  return readReply(messageOf(error)).code === 'READONLY'
}

/**
 * Finds the code of an error reply and the text from there on. Redis 6 puts the error of a command in a script behind the name of the
 * script: `ERR Error running script (call to f_…): @user_script:5: @user_script: 5: -READONLY You can't write …`; Redis 7 puts the code
 * first and the script last.
 */
function readReply(message: string): { code?: string; text: string } {
  const found = /@user_script: ?\d+: -([A-Z]+) .*/s.exec(message) ?? /^-?([A-Z]+) .*/s.exec(message)
  if (!found) return { text: message }
  const [reply, code] = found
  return { code: code!, text: reply.slice(reply.indexOf(code!)).replace(/ script: [0-9a-f]{40}, on .*$/s, '') }
}

/** Replies of a server that fails over, starts, is busy or has lost its replicas; the command can succeed later. */
const passingCodes = new Set(['BUSY', 'CLUSTERDOWN', 'LOADING', 'MASTERDOWN', 'NOMASTERLINK', 'NOREPLICAS', 'READONLY', 'TRYAGAIN'])

function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
