import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { aFolder, aRunningSandbox, coinslot } from './process.js'

const purchase = {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'order-0001' }),
}

test('the first line on standard output holds the address, and everything else goes to standard error', async () => {
  const sandbox = await aRunningSandbox(['--memory'])

  const reply = await fetch(`${sandbox.url}/teak/v2/purchase`, purchase)

  expect(reply.status).toBe(200)
  expect(sandbox.said().stdout).toBe(`coinslot listening on ${sandbox.url}\n`)
})

test('with --log json the first line is an event', async () => {
  const sandbox = await aRunningSandbox(['--memory', '--log', 'json'])

  expect(JSON.parse(sandbox.said().stdout)).toMatchObject({ event: 'listening', url: sandbox.url })
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s stops it with exit code 0', async (signal) => {
  const sandbox = await aRunningSandbox(['--memory'])

  expect(await sandbox.end(signal)).toBe(0)
})

test('an answered purchase is there after kill -9', async () => {
  const data = join(aFolder(), 'data')
  const first = await aRunningSandbox(['--data', data])
  const reply = await fetch(`${first.url}/teak/v2/purchase`, purchase)
  await first.end('SIGKILL')

  const second = await aRunningSandbox(['--data', data])
  const rows = await fetch(`${second.url}/_sandbox/tables/teak/purchases`)

  expect(reply.status).toBe(200)
  expect(await rows.json()).toMatchObject({ total: 1, rows: [{ key: '123456:order-0001' }] })
})

test('a request after a restart has no id that an earlier one had, so that old rows name no new request', async () => {
  const data = join(aFolder(), 'data')
  const ids: (string | null)[] = []
  for (let start = 0; start < 3; start++) {
    const sandbox = await aRunningSandbox(['--data', data])
    ids.push((await fetch(`${sandbox.url}/teak/v2/purchase`, purchase)).headers.get('x-sandbox-request'))
    await sandbox.end(start === 0 ? 'SIGKILL' : 'SIGTERM')
  }

  expect(ids).toEqual(['r-1', 'r-2-1', 'r-3-1'])
})

test('a data directory in use is refused with exit code 1 and what to do', async () => {
  const data = join(aFolder(), 'data')
  await aRunningSandbox(['--data', data])

  const second = await coinslot(['--data', data, '--port', '0'])

  expect(second.code).toBe(1)
  expect(second.stderr).toContain('--data')
})

test('a port that a running coinslot has is refused with its address and what to do', async () => {
  const first = await aRunningSandbox(['--memory', '--control-token', 'secret'])

  const second = await coinslot(['--memory', '--port', new URL(first.url).port])

  expect(second.code).toBe(1)
  expect(second.stderr).toMatch(/^coinslot: coinslot is running already\. coinslot \d\S+ answers at /)
  expect(second.stderr).toContain(`the page is ${first.url}/_sandbox/, and "coinslot requests" lists`)
  expect(second.stderr).toContain('coinslot --port 0 --memory')
})

test.each([
  ['another HTTP server', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}')],
  ['a program that closes each connection', (socket: Socket) => socket.destroy()],
])('a port that %s has is refused with exit code 1 and what to do', async (_what, answer) => {
  const server = createServer((socket) => answer(socket.on('error', () => {}))).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  const done = await coinslot(['--memory', '--port', String(port)])

  expect(done.code).toBe(1)
  expect(done.stderr).toContain(`Port in use. Something else listens on 127.0.0.1:${port}.`)
  expect(done.stderr).toContain('--port 0')
})

test.each([
  ['an unknown flag', ['--bogus'], '--bogus'],
  ['a port that is no number', ['--port', 'abc'], '--port'],
  ['a port out of range', ['--port', '70000'], '--port'],
  ['a negative port', ['--port', '-1'], '--port: invalid value -1'],
  ['an unknown vendor', ['--memory', '--vendors', 'teak,taek'], '"taek"'],
  ['no vendor at all', ['--memory', '--vendors', ''], '--vendors'],
  ['an unknown sync mode', ['--sync', 'sometimes'], '--sync'],
  ['an unknown command', ['strat'], 'strat'],
])('%s is wrong usage with exit code 2', async (_what, args, named) => {
  const done = await coinslot(args)

  expect(done.code).toBe(2)
  expect(done.stderr).toContain(named)
  expect(done.stdout).toBe('')
})

test('without a terminal every line on standard error is JSON', async () => {
  const sandbox = await aRunningSandbox(['--memory'])
  await fetch(`${sandbox.url}/teak/v2/purchase`, purchase)
  await sandbox.end('SIGTERM')

  const lines = sandbox.said().stderr.trim().split('\n')

  expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['listening', 'request'])
})

test('a silent sandbox says its address and nothing else', async () => {
  const sandbox = await aRunningSandbox(['--memory', '--log', 'silent'])
  await fetch(`${sandbox.url}/teak/v2/purchase`, purchase)
  await sandbox.end('SIGTERM')

  expect(sandbox.said()).toEqual({ stdout: `coinslot listening on ${sandbox.url}\n`, stderr: '' })
})

test.runIf(process.platform === 'linux')('a data directory that cannot be created is refused with exit code 1', async () => {
  const done = await coinslot(['--port', '0', '--data', '/proc/coinslot/data'])

  expect(done.code).toBe(1)
  expect(done.stderr).toContain('--data')
})

test('a bad value in the environment is wrong usage and names the variable', async () => {
  const done = await coinslot(['--memory'], { env: { COINSLOT_PORT: 'abc' } })

  expect(done.code).toBe(2)
  expect(done.stderr).toContain('COINSLOT_PORT')
})

test('a flag wins over the environment, which wins over the settings file', async () => {
  const cwd = aFolder()
  writeFileSync(join(cwd, 'coinslot.config.json'), '{ "memory": true, /* comment */ "vendors": ["kakao"], "traceHeader": false, }')
  const fromFile = await aRunningSandbox([], { cwd })
  const fromEnvironment = await aRunningSandbox([], { cwd, env: { COINSLOT_VENDORS: 'teak,kakao' } })
  const fromFlag = await aRunningSandbox(['--vendors', 'teak'], { cwd, env: { COINSLOT_VENDORS: 'kakao' } })

  const vendors = await Promise.all(
    [fromFile, fromEnvironment, fromFlag].map(async ({ url }) => (await (await fetch(`${url}/_sandbox/health`)).json()) as object),
  )
  const reply = await fetch(`${fromFlag.url}/teak/v2/purchase`, purchase)

  expect(vendors).toMatchObject([{ vendors: ['kakao'] }, { vendors: ['kakao', 'teak'] }, { vendors: ['teak'] }])
  expect(reply.headers.get('x-sandbox-request')).toBeNull()
})

test('the settings file takes a list of one as text and a random seed as a number', async () => {
  const cwd = aFolder()
  writeFileSync(join(cwd, 'coinslot.config.json'), '{ "memory": true, "vendors": "kakao", "random-seed": 7 }')

  const { url } = await aRunningSandbox([], { cwd })

  expect(await (await fetch(`${url}/_sandbox/health`)).json()).toMatchObject({ vendors: ['kakao'] })
})

test('a negated key in the settings file that is no boolean is wrong usage', async () => {
  const cwd = aFolder()
  writeFileSync(join(cwd, 'coinslot.config.json'), '{ "memory": true, "no-trace-header": "yes" }')

  const done = await coinslot([], { cwd })

  expect(done.code).toBe(2)
  expect(done.stderr).toContain('"no-trace-header"')
})

test('an unknown key in the settings file is wrong usage', async () => {
  const cwd = aFolder()
  writeFileSync(join(cwd, 'coinslot.config.json'), '{ "prot": 1 }')

  const done = await coinslot(['--memory'], { cwd })

  expect(done.code).toBe(2)
  expect(done.stderr).toContain('"prot"')
})

test('a seed with one bad row stops the start and names file, path and fault', async () => {
  const file = join(aFolder(), 'seed.json')
  writeFileSync(file, JSON.stringify({ teak: { players: [{ gameId: '123456', userId: 'ann' }, { gameId: '123456' }] } }))

  const done = await coinslot(['--memory', '--port', '0', '--seed', file])

  expect(done.code).toBe(1)
  expect(done.stderr).toContain(`${file} /teak/players/1/userId`)
})

test('a start with another seed leaves the rows alone and says so', async () => {
  const data = join(aFolder(), 'data')
  const file = join(aFolder(), 'seed.json')
  writeFileSync(
    file,
    JSON.stringify({ teak: { players: [{ gameId: '123456', userId: 'ann' }] }, clock: { now: '2026-01-01T00:00:00Z', frozen: true } }),
  )
  const first = await aRunningSandbox(['--data', data])
  await first.end('SIGTERM')

  const other = await aRunningSandbox(['--data', data, '--seed', file])
  const row = await fetch(`${other.url}/_sandbox/tables/teak/players/123456%3Aann`)
  await other.end('SIGTERM')
  const filled = await aRunningSandbox(['--data', data, '--seed', file, '--reset'])
  await filled.end('SIGTERM')
  const same = await aRunningSandbox(['--data', data, '--seed', file])

  expect(other.said().stderr).toContain('another seed')
  expect(row.status).toBe(404)
  expect(filled.said().stderr).not.toContain('another seed')
  expect(same.said().stderr).not.toContain('another seed')
})

test('a damaged journal stops the start with its line and what to do', async () => {
  const data = join(aFolder(), 'data')
  const first = await aRunningSandbox(['--data', data])
  await fetch(`${first.url}/teak/v2/purchase`, purchase)
  await fetch(`${first.url}/teak/v2/purchase`, { ...purchase, body: purchase.body.replace('order-0001', 'order-0002') })
  await first.end('SIGKILL')
  const journal = join(data, 'journal.ndjson')
  writeFileSync(journal, readFileSync(journal, 'utf8').replace('order-0001', 'order-9999'))

  const damaged = await coinslot(['--data', data, '--port', '0'])

  expect(damaged.code).toBe(1)
  expect(damaged.stderr).toMatch(/journal\.ndjson, line \d+: .*--recover/s)
  expect(damaged.stderr).not.toContain('    at ')
})
