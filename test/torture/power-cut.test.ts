import { expect, test } from 'vitest'
import type { Operation } from '../../scripts/torture/power-cut/recorder.js'
import { cutStates } from '../../scripts/torture/power-cut/states.js'
import { powerCut } from '../../scripts/torture/trials/power-cut.js'
import { holds } from './short-form.js'

test('a power cut loses nothing that was on the disk, and no start ends without saying how to go on', () => holds(powerCut))

test('the states of a power cut have unsynced writes lost, kept and torn, and renames as far as the directory had them', () => {
  const bytes = Buffer.alloc(1_200, 'x')
  const operations: Operation[] = [
    { kind: 'create', path: 'a', file: 1 },
    { kind: 'sync-directory' },
    { kind: 'write', file: 1, offset: 0, bytes: Buffer.from('synced') },
    { kind: 'sync', file: 1, from: 3 },
    { kind: 'write', file: 1, offset: 6, bytes },
    { kind: 'rename', from: 'a', to: 'b' },
  ]

  const after = [...cutStates(operations)].filter((state) => state.after === operations.length)
  const shown = after.map(({ files }) => [...files].map(([name, { length }]) => `${name} ${length}`).join())

  expect(new Set(shown)).toEqual(new Set(['a 6', 'a 1206', 'a 512', 'a 1024', 'b 6', 'b 1206', 'b 512', 'b 1024']))
  for (const { files } of after) for (const content of files.values()) expect(content.toString('latin1', 0, 6)).toBe('synced')
  expect(after.some(({ files }) => files.get('a')?.includes(0) === true)).toBe(true)
})
