import { statSync } from 'node:fs'
import { win32 } from 'node:path'
import { UsageError } from './usage.js'

/** Parameters of `spawn` for a program. */
export interface Program {
  file: string
  args: readonly string[]
  /** True if the arguments are quoted already. */
  isVerbatim: boolean
}

/**
 * Finds a program as a Windows terminal does, by PATH and PATHEXT. Node itself finds `.exe` files alone and refuses to spawn batch files such
 * as `npm.cmd`, so those are run by cmd.exe, with quotes that keep each argument as it is.
 *
 * @throws UsageError if an argument cannot be given to a batch file
 */
export function windowsProgram(
  file: string,
  args: readonly string[],
  { env, exists = isFile }: { env: NodeJS.ProcessEnv; exists?: (path: string) => boolean },
): Program {
  const found = find(file, env, exists)
  if (found === undefined || !/\.(?:cmd|bat)$/i.test(found)) return { file: found ?? file, args, isVerbatim: false }
  if (args.some((one) => /[\r\n]/.test(one)))
    throw new UsageError(`${found} is a batch file, which takes no argument with a line break. Name the program that it starts.`)
  const line = [escaped(quoted(found), 1), ...args.map(forBatch)].join(' ')
  return { file: variable(env, 'ComSpec') ?? 'cmd.exe', args: ['/d', '/s', '/c', `"${line}"`], isVerbatim: true }
}

function find(file: string, env: NodeJS.ProcessEnv, exists: (path: string) => boolean): string | undefined {
  const endings = (variable(env, 'PATHEXT') ?? '.COM;.EXE;.BAT;.CMD').split(';')
  const hasEnding = endings.some((ending) => file.toLowerCase().endsWith(ending.toLowerCase()))
  const folders = /[\\/:]/.test(file) ? [''] : ['.', ...(variable(env, 'PATH') ?? '').split(';').filter((folder) => folder !== '')]
  const places = folders.map((folder) => (folder === '' ? file : win32.join(folder.replaceAll('"', ''), file)))
  const names = (place: string) => (hasEnding ? [place] : endings.map((ending) => place + ending))
  return places.flatMap(names).find(exists)
}

/** Names of variables have no case on Windows, but a copy of the environment has. */
function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const found = Object.keys(env).find((key) => key.toLowerCase() === name.toLowerCase())
  return found === undefined ? undefined : env[found]
}

/** A batch file hands its arguments on with `%*`, which cmd reads again; a quote inside makes a difference there. */
function forBatch(argument: string): string {
  return escaped(quoted(argument), argument.includes('"') ? 2 : 1)
}

/** Quotes an argument so that the program reads it back as it was. */
function quoted(argument: string): string {
  return `"${argument.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\*)$/, '$1$1')}"`
}

/** Escapes what cmd would act on, once for each time that it reads the line. */
function escaped(text: string, times: number): string {
  return times === 0 ? text : escaped(text.replaceAll(/[()[\]%!^"`<>&|;, *?]/g, '^$&'), times - 1)
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
