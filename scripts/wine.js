// Programs for Windows, run under Wine. `NODE_SKIP_PLATFORM_CHECK` lets Node start although Wine calls itself Windows 7.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Returns Wine with 64 bits; undefined if there is none. */
export function findWine() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/lib/wine']
  return ['wine64', 'wine'].flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file))
}

/** Returns the environment for Wine with all of its files in a folder; `path` is the PATH that programs see before that of Windows. */
export function wineEnvironment(folder, path = '') {
  const own = {
    WINEPREFIX: folder,
    WINEDEBUG: '-all',
    WINEDLLOVERRIDES: 'mscoree,mshtml,winemenubuilder.exe=',
    WINEPATH: path,
    NODE_SKIP_PLATFORM_CHECK: '1',
  }
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|COINSLOT_|INIT_CWD$|NODE_OPTIONS$|DISPLAY$)/i.test(name))
  return { ...Object.fromEntries(kept), ...own }
}

/** Returns the path by which Windows programs find a file of this system. */
export function windowsPath(file) {
  return `Z:${file.replaceAll('/', '\\')}`
}

/** Ends Wine's own processes of a folder; no others are touched. */
export function endWine(environment) {
  const server = ['/usr/lib/wine/wineserver64', '/usr/lib/wine/wineserver', 'wineserver'].find(
    (file) => file === 'wineserver' || existsSync(file),
  )
  spawnSync(server, ['--kill'], { env: environment, stdio: 'ignore', timeout: 20_000 })
  spawnSync(server, ['--wait'], { env: environment, stdio: 'ignore', timeout: 20_000 })
}
