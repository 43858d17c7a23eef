import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { aDirectory, openAt } from './directories.js'

const writer = fileURLToPath(new URL('./crash-writer.ts', import.meta.url))

describe('a process killed while it writes and compacts', () => {
  test.each(['interval', 'always'] as const)('loses no acknowledged order and doubles none (%s)', { timeout: 30_000 }, async (sync) => {
    const directory = aDirectory()
    const acknowledged = new Set<string>()
    let first = 0
    for (const lines of [1, 300, 1500]) {
      for (const number of await killedAfter(lines, [directory, sync, String(first)])) {
        acknowledged.add(`o-${number}`)
        first = Math.max(first, number + 17)
      }
      const store = await openAt(directory)
      const { value } = await store.transact('w', async (rows) => ({
        ids: (await rows.list('shop.orders')).map(({ key }) => key),
        counted: Number((await rows.get('shop.players', 'ann'))?.level) - 1,
      }))
      const ids = new Set(value.ids)
      expect([...acknowledged].filter((id) => !ids.has(id))).toEqual([])
      expect(value.ids).toHaveLength(ids.size)
      expect(value.counted).toBe(ids.size)
      // The next round starts from this clean stop.
      await store.transact('w', async () => {})
      await store.close()
    }
    expect(acknowledged.size).toBeGreaterThan(1500)
  })
})

/** Runs the writer until it acknowledged a number of orders, kills it, and returns all that it acknowledged. */
async function killedAfter(lines: number, argv: string[]): Promise<number[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', writer, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  let seen = 0
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (data: string) => {
    text += data
    seen += data.split('\n').length - 1
    if (seen >= lines) child.kill('SIGKILL')
  })
  await once(child, 'close')
  // The last line may be cut; every other number was acknowledged.
  return text.split('\n').slice(0, -1).map(Number)
}
