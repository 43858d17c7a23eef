import { expect, onTestFinished, test } from 'vitest'
import { createSandbox } from '../../src/client/create-sandbox.js'
import { raw } from '../support/listening.js'

const ask = (path: string, ...headers: string[]) =>
  [`POST ${path} HTTP/1.1`, 'Host: localhost', 'Content-Length: 2', ...headers, '', '{}'].join('\r\n')

test('requests of one connection keep their own heads, whether they repeat one another or not', async () => {
  const sandbox = await createSandbox({ memory: true, port: 0 })
  onTestFinished(() => sandbox.close())

  const { text } = await raw(
    Number(new URL(sandbox.url).port),
    [
      ask('/teak/v2/purchase'),
      ask('/teak/v2/purchase'),
      ask('/teak/v2/purchase', 'X-Build: 7'),
      ask('/teak/v2/purchase', 'X-Build: 8'),
      ask('/teak/v2/identify', 'X-Build: 8'),
      ask('/kakao/v2/purchase', 'X-Build: 8'),
      ask('/teak/v2/purchase', 'X-Sandbox-Workspace: other'),
      ask('/teak/v2/purchase', 'Connection: close'),
    ].join(''),
  )

  expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(8)
  // Pipelined requests end in any order, and come in the order of their ids.
  const seen = (await sandbox.traffic()).toSorted((a, b) => Number(a.id.slice(2)) - Number(b.id.slice(2)))
  expect(seen.map(({ vendor, path, headers }) => [vendor, path, headers['x-build']])).toEqual([
    ['teak', '/v2/purchase', undefined],
    ['teak', '/v2/purchase', undefined],
    ['teak', '/v2/purchase', '7'],
    ['teak', '/v2/purchase', '8'],
    ['teak', '/v2/identify', '8'],
    ['kakao', '/v2/purchase', '8'],
    ['teak', '/v2/purchase', undefined],
  ])
  expect(await sandbox.workspace('other').traffic()).toHaveLength(1)
})
