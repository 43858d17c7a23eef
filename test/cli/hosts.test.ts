import { expect, test } from 'vitest'
import { packagedVendors } from '../../src/sandbox/roster.js'
import { coinslot, coinslotHere } from './process.js'

test('hosts prints a line for every name of every vendor', async () => {
  const done = await coinslot(['hosts'])

  expect(done.code).toBe(0)
  const names = packagedVendors.flatMap(({ id, hosts }) => [...hosts, `${id}.localhost`])
  expect(linesOf(done.stdout).sort()).toEqual(names.map((name) => `127.0.0.1 ${name}`).sort())
})

test('--address says where the sandbox is', async () => {
  const done = await coinslotHere(['hosts', '--address', '192.168.1.5', '--vendors', 'teak'])

  expect(linesOf(done.stdout)).toEqual(['192.168.1.5 api.gocarrot.com', '192.168.1.5 gocarrot.com', '192.168.1.5 teak.localhost'])
})

test('hosts answers in JSON', async () => {
  const done = await coinslotHere(['hosts', '--vendors', 'mbaasy', '--json'])

  expect(JSON.parse(done.stdout)).toEqual({
    address: '127.0.0.1',
    hosts: [
      { vendor: 'mbaasy', host: 'api.mbaasy.com' },
      { vendor: 'mbaasy', host: 'mbaasy.localhost' },
    ],
  })
})

test('an invalid address is wrong usage', async () => {
  const done = await coinslotHere(['hosts', '--address', 'here'])

  expect(done.code).toBe(2)
  expect(done.stderr).toContain('--address here')
})

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}
