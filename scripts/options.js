import { parseArgs } from 'node:util'

/**
 * Reads the options of a script as `parseArgs` of Node does. `--help` prints the usage and ends the script with 0; a wrong option or argument
 * prints what is wrong and the usage, and ends it with 2.
 */
export function readOptions(usage, config = {}) {
  try {
    const read = parseArgs({ ...config, options: { help: { type: 'boolean', short: 'h' }, ...config.options } })
    if (!read.values.help) return read
  } catch (error) {
    if (!String(error.code).startsWith('ERR_PARSE_ARGS_')) throw error
    refuseOptions(error.message, usage)
  }
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}

/** Prints what is wrong and the usage, and ends the script with 2. */
export function refuseOptions(why, usage) {
  process.stderr.write(`${why}\n\n${usage}\n`)
  process.exit(2)
}
