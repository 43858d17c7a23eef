import { rmSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { aDirectory, openAt, putOrders } from './directories.js'

// Windows does not remove a directory with open files.
test.skipIf(process.platform === 'win32')(
  'removing the directory of a running sandbox is reported, because nothing is kept from then on',
  async () => {
    const directory = aDirectory()
    const store = await openAt(directory, { sync: 'interval' })
    await putOrders(store, ['o-1'])
    rmSync(directory, { recursive: true })
    await putOrders(store, ['o-2'])

    await vi.waitFor(() => expect(store.reports).toEqual([expect.stringContaining(`The journal in ${directory} was removed`)]), 3_000)
    await store.close()
    expect(store.reports.slice(1)).toEqual([expect.stringContaining('what it held is gone')])
  },
)
