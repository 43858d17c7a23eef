import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Creates a data directory for one test and removes it when the test ends. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coinslot-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
