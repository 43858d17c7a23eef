import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aFolder, aRunningSandbox, aSandboxHere, coinslot, coinslotHere } from './process.js'

test('seed --check checks documents offline and says what is in them', async () => {
  const folder = aFolder()
  writeFileSync(join(folder, 'a.json'), JSON.stringify({ teak: { players: [{ gameId: '123456', userId: 'ann' }] } }))
  mkdirSync(join(folder, 'more'))

  const done = await coinslotHere(['seed', '--check', folder])

  expect(done.code).toBe(0)
  expect(done.stdout).toContain('a.json: valid: 1 row in 1 table')
})

test('seed --check prints its findings as JSON', async () => {
  const file = join(aFolder(), 'seed.json')
  writeFileSync(file, '{}')

  const done = await coinslotHere(['seed', '--check', file, '--json'])

  expect([done.code, JSON.parse(done.stdout)]).toEqual([0, { file, ok: true, errors: [] }])
})

test.each([
  ['an unknown vendor', { taek: {} }, '/taek'],
  ['an unknown table', { teak: { player: [] } }, '/teak/player'],
  ['an unknown field', { teak: { players: [{ gameId: '1', userId: 'a', age: 3 }] } }, '/teak/players/0'],
  ['a wrong clock', { clock: { now: 'yesterday' } }, '/clock/now'],
])('seed names the place of %s', async (_what, document, place) => {
  const file = join(aFolder(), 'seed.json')
  writeFileSync(file, JSON.stringify(document))

  const done = await coinslotHere(['seed', '--check', file])

  expect(done.code).toBe(1)
  expect(done.stderr).toContain(`${file} ${place}`)
})

test('seed says where a file is not JSON', async () => {
  const file = join(aFolder(), 'seed.json')
  writeFileSync(file, '{\n  "teak": {,\n}')

  const done = await coinslotHere(['seed', '--check', file])

  expect(done.code).toBe(1)
  expect(done.stderr).toContain('line 2')
})

test('a file of another kind is named in one sentence, with the command that takes it', async () => {
  const { url } = await aSandboxHere()
  const folder = aFolder()
  const at = (name: string) => join(folder, name)
  await coinslotHere(['session', 'save', at('seen.json'), '--url', url])
  writeFileSync(at('seed.json'), JSON.stringify({ teak: { players: [{ gameId: '123456', userId: 'ann' }] } }))
  await coinslotHere(['snapshot', 'save', 'kept', '--url', url])
  writeFileSync(at('kept.json'), await (await fetch(`${url}/_sandbox/snapshots/kept`)).text())
  writeFileSync(at('traffic.har'), await (await fetch(`${url}/_sandbox/traffic.har`)).text())
  const said = async (...words: string[]) => {
    const { code, stdout, stderr } = await coinslotHere(words)
    return [code, stdout, stderr.trim()]
  }

  const session = `coinslot: ${at('seen.json')} is a session, not a seed. Open it with "coinslot session open ${at('seen.json')}".`
  expect(await said('seed', '--check', at('seen.json'))).toEqual([1, '', session])
  expect(await said('seed', at('seen.json'), '--url', url)).toEqual([1, '', session])
  expect(await said('seed', '--check', at('kept.json'))).toEqual([1, '', expect.stringContaining('"coinslot snapshot restore NAME"')])
  expect(await said('seed', '--check', at('traffic.har'))).toEqual([1, '', expect.stringContaining('traffic.har is a HAR file')])
  const seed = `coinslot: ${at('seed.json')} is a seed, not a session. Load it with "coinslot seed ${at('seed.json')}".`
  expect(await said('session', 'open', at('seed.json'), '--url', url)).toEqual([1, '', seed])
  expect(await said('--memory', '--port', '0', '--seed', at('seen.json'))).toEqual([
    1,
    '',
    expect.stringContaining('coinslot session open'),
  ])
})

test('seed loads documents into a running sandbox', async () => {
  const sandbox = await aSandboxHere()
  const file = join(aFolder(), 'seed.json')
  writeFileSync(file, JSON.stringify({ teak: { players: [{ gameId: '123456', userId: 'ann' }] } }))

  const done = await coinslotHere(['seed', file, '--url', sandbox.url])
  const row = await fetch(`${sandbox.url}/_sandbox/tables/teak/players/123456%3Aann`)

  expect(done.code).toBe(0)
  expect(row.status).toBe(200)
})

test('ready asks the port of COINSLOT_PORT, as the health check of the image does', async () => {
  const sandbox = await aSandboxHere()

  const done = await coinslot(['ready'], { env: { COINSLOT_PORT: new URL(sandbox.url).port, COINSLOT_HOST: '0.0.0.0' } })

  expect([done.code, done.stdout]).toEqual([0, expect.stringContaining(`ready: ${sandbox.url}`)])
})

test('ready exits 0 when a sandbox is up and 1 when none answers', async () => {
  const sandbox = await aRunningSandbox(['--memory'])

  const up = await coinslot(['ready', '--url', sandbox.url])
  await sandbox.end('SIGTERM')
  const down = await coinslot(['ready', '--url', sandbox.url])

  expect([up.code, down.code]).toEqual([0, 1])
  expect(down.stderr).toContain('Start one')
})

test('exec hands the command its addresses and passes its exit code on', async () => {
  const script =
    'fetch(process.env.COINSLOT_TEAK_URL + "/v2/purchase", { method: "POST" }).then((reply) => process.exit(reply.status === 404 ? 7 : 1))'

  const done = await coinslot(['exec', '--memory', '--', process.execPath, '-e', script], { cwd: aFolder() })

  expect(done.code).toBe(7)
})

test('exec measures coverage where the control API asks for a token', async () => {
  const options = ['--memory', '--vendors', 'teak', '--control-token', 'secret', '--min-coverage', '100']

  const done = await coinslot(['exec', ...options, '--', process.execPath, '-e', ''], { cwd: aFolder() })

  expect(done.code).toBe(1)
  expect(done.stderr).toContain('outcome coverage 0%, required 100%')
})

test('exec says when the command cannot be run', async () => {
  const done = await coinslot(['exec', '--memory', '--', 'no-such-program-here'], { cwd: aFolder() })

  expect(done.code).toBe(2)
  expect(done.stderr).toContain('no-such-program-here')
})

test('exec counts the coverage of all workspaces, prints refusals of a failed command, and writes a report', async () => {
  const cwd = aFolder()
  const script =
    'fetch(process.env.COINSLOT_URL + "/@ci-7/teak/v2/purchase", { method: "POST" }).then(() => process.exit(Number(process.env.ENDS_WITH)))'
  const run = (code: string, ...options: string[]) =>
    coinslot(['exec', '--memory', ...options, '--', process.execPath, '-e', script], { cwd, env: { ENDS_WITH: code } })

  const failed = await run('7', '--report', 'traffic.har')
  const covered = await run('0', '--vendors', 'teak', '--min-coverage', '1')

  expect(failed.code).toBe(7)
  expect(failed.stderr).toMatch(/the command failed; 1 request was refused:\nworkspace ci-7\nr-1 \S+ teak POST \/v2\/purchase 404/)
  const har = JSON.parse(readFileSync(join(cwd, 'traffic.har'), 'utf8')) as { log: { entries: unknown[] } }
  expect(har.log.entries).toHaveLength(1)
  expect(covered.stderr).not.toContain('coverage 0%')
  expect(covered.code).toBe(0)
})
