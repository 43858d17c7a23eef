import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Config } from '../sandbox/config.js'
import { DataInUse } from '../store/directory/errors.js'
import { lockDirectory } from '../store/directory/lock.js'
import { fine, wrong, type Check } from './check.js'
import type { Running } from '../sandbox/running.js'

/** Checks that this Node is new enough. */
export function checkNode(version: string = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return fine('node', `Node ${version}`)
  return wrong('node', `Node ${version} is too old`, 'Install Node 20.19 or later.')
}

/** Checks that the data directory can be written and is not in use. */
export async function checkData({ memory, data }: Pick<Config, 'memory' | 'data'>, running: Running | undefined): Promise<Check> {
  if (memory) return fine('data', 'kept in memory only')
  const place = resolve(data)
  const existing = nearestExisting(place)
  try {
    rmSync(mkdtempSync(join(existing, '.coinslot-doctor-')), { recursive: true })
  } catch (error) {
    return wrong('data', `${existing} cannot be written: ${(error as Error).message}`, 'Make it writable, or pass --data DIR.')
  }
  if (existing !== place) return fine('data', `${place} will be made at the first start`)
  try {
    await (
      await lockDirectory(place, () => {})
    )()
    return fine('data', `${place} can be written and is free`)
  } catch (error) {
    if (!(error instanceof DataInUse)) return wrong('data', `${place}: ${(error as Error).message}`, 'Pass another --data DIR.')
    if (running) return fine('data', `${place} is in use, and a sandbox runs`)
    return wrong('data', error.message, 'Stop that process, or pass another --data DIR.')
  }
}

/** Checks the clock of the machine, because certificates are refused outside of their period. */
export function checkClock(now: number, running: Running | undefined, certificateFrom: number | undefined): Check {
  const shown = new Date(now).toISOString()
  if (now < oldest) return wrong('clock', `the clock shows ${shown}, long past`, 'Set the time of this machine.')
  if (certificateFrom !== undefined && now < certificateFrom) {
    return wrong(
      'clock',
      `the clock shows ${shown}, before the authority was made`,
      'Set the time of this machine, or delete the data directory’s tls folder.',
    )
  }
  const ahead = running?.aheadMs ?? 0
  if (Math.abs(ahead) <= toleratedMs) return fine('clock', `the clock shows ${shown}`)
  const seconds = Math.round(Math.abs(ahead) / 1000)
  return wrong(
    'clock',
    `the sandbox’s machine is ${seconds} s ${ahead > 0 ? 'ahead' : 'behind'}`,
    'Set the time of both machines, or restart the virtual machine of the engine.',
  )
}

/** The project is not older, so an earlier time is wrong. */
const oldest = Date.UTC(2025, 0, 1)
/** The Date header has no milliseconds, and the reply took some time. */
const toleratedMs = 5_000

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path))
}
