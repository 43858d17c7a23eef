import type { parseArgs, ParseArgsConfig } from 'node:util'

/**
 * Reads the options of a script as `parseArgs` of Node does. `--help` prints the usage and ends the script with 0; a wrong option or argument
 * prints what is wrong and the usage, and ends it with 2.
 */
export function readOptions<const C extends ParseArgsConfig>(usage: string, config?: C): ReturnType<typeof parseArgs<C>>

/** Prints what is wrong and the usage, and ends the script with 2. */
export function refuseOptions(why: string, usage: string): never
