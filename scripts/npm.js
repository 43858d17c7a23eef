// npm as a program to spawn without a shell. A shell would split arguments at blanks, and Windows cannot spawn npm.cmd without one.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Returns the program and its first arguments: the npm that runs this script, on Windows else the one beside Node.
 *
 * @returns {[program: string, ...args: string[]]}
 */
export function npmCommand() {
  const running = process.env['npm_execpath']
  if (running !== undefined && /[\\/]npm-cli\.js$/.test(running)) return [process.execPath, running]
  const beside = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js')
  return process.platform === 'win32' && existsSync(beside) ? [process.execPath, beside] : ['npm']
}
