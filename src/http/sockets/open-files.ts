import { readFileSync } from 'node:fs'

/** How many files and connections this process may have open at once; undefined where the system does not tell. */
export function openFileLimit(): number | undefined {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return found === undefined ? undefined : Number(found)
  } catch {
    return undefined
  }
}

/** How many of these connections may take: the sandbox needs some for its own files, or it can neither load nor keep anything. */
export function roomForConnections(openFiles: number): number {
  return Math.max(1, openFiles - Math.min(mostOwnFiles, Math.ceil(openFiles / 2)))
}

/** Its own files, programs it loads on demand, outgoing calls, and connections that are being refused. */
const mostOwnFiles = 128
