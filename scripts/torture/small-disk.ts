import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A disk that can be filled and emptied without harm. */
export interface SmallDisk {
  directory: string
  /** Leaves no room. */
  fill(): void
  /** Makes room again. */
  makeRoom(): void
  remove(): void
}

/** Mounts a disk of this size in KiB; undefined if the system does not allow it. */
export function aSmallDisk(folder: string, kibibytes: number): SmallDisk | undefined {
  const directory = join(folder, 'disk')
  mkdirSync(directory)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', directory], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  const ballast = join(directory, 'ballast')
  return {
    directory,
    fill() {
      // tmpfs gives room in whole pages, so the last ones are taken one by one.
      for (let part = 0, bytes = kibibytes * 1024; bytes >= 1024;) {
        try {
          writeFileSync(`${ballast}.${(part += 1)}`, Buffer.alloc(bytes))
        } catch {
          bytes /= 2
        }
      }
    },
    makeRoom: () => execFileSync('bash', ['-c', 'rm -f "$0".*', ballast]),
    remove() {
      execFileSync('umount', ['-l', directory])
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
