import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { wholeEntryText } from '../../src/cli/entry-text.js'
import { colorsFor } from '../../src/cli/output.js'
import type { TrafficEntry } from '../../src/client/types.js'
import { aFolder, aRunningSandbox, aSandboxHere, coinslot, coinslotHere } from './process.js'

// Most commands run in this process, and their sandboxes too. examples.test.ts runs each of these commands as a process.
const headers = { 'Content-Type': 'application/json' }
const body = JSON.stringify({ game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'order-1' })
const purchase = { method: 'POST', headers, body }

test('inspect asks the running sandbox, and judges offline with a note where none answers', async () => {
  const { url } = await aSandboxHere()
  const minted = await coinslotHere(['mint', 'google_play', '--url', url])

  const asked = await coinslot(['inspect', '-', '--url', url], { input: minted.stdout })
  const offline = await coinslot(['inspect', '-', '--url', 'http://127.0.0.1:1'], { input: minted.stdout })

  expect([asked.code, asked.stderr]).toEqual([0, ''])
  expect(offline.code).toBe(0)
  expect(offline.stderr).toContain('No sandbox answers at http://127.0.0.1:1: judged offline by the packaged seed')
  expect(offline.stdout).toContain('google_play')
})

test('verify takes its expectation from standard input', async () => {
  const { url } = await aSandboxHere()
  await fetch(`${url}/teak/v2/purchase`, purchase)
  const expectation = {
    vendor: 'teak',
    method: 'POST',
    path: '/v2/purchase',
    outcome: 'recorded',
    body: JSON.parse(body) as object,
    times: 1,
  }
  const verify = (input: object) => coinslot(['verify', '-', '--url', url], { input: JSON.stringify(input, null, 2) })

  expect((await verify(expectation)).code).toBe(0)
  expect((await verify({ ...expectation, times: 2 })).code).toBe(1)
})

test('seed loads into the sandbox of the settings file, and --check loads nothing', async () => {
  const cwd = aFolder()
  const { url } = await aSandboxHere()
  writeFileSync(join(cwd, 'coinslot.config.json'), JSON.stringify({ port: Number(new URL(url).port) }))
  writeFileSync(join(cwd, 'seed.json'), `\uFEFF${JSON.stringify({ teak: { players: [{ gameId: '123456', userId: 'ann' }] } })}`)
  const row = async () => (await fetch(`${url}/_sandbox/tables/teak/players/123456%3Aann`)).status

  expect((await coinslot(['seed', '--check', 'seed.json'], { cwd })).stdout).toBe('seed.json: valid: 1 row in 1 table\n')
  expect(await row()).toBe(404)
  expect((await coinslot(['seed', 'seed.json'], { cwd })).stdout).toBe('seed.json: loaded 1 row into 1 table\n')
  expect(await row()).toBe(200)
})

test.each([
  ['a folder without a seed', undefined, 'The folder has no .json file'],
  ['UTF-16', Buffer.from('\uFEFF{}', 'utf16le'), 'UTF-16'],
  ['Latin-1', Buffer.from('{"teak":{"players":[{"gameId":"1","userId":"Zo\u00eb"}]}}', 'latin1'), 'not UTF-8'],
  ['a member that stands twice', Buffer.from('{"teak":{},\n"teak":{}}'), '/teak: The member is repeated at line 2'],
])('seed refuses %s by name', async (_what, bytes, message) => {
  const folder = aFolder()
  if (bytes) writeFileSync(join(folder, 'seed.json'), bytes)

  const done = await coinslotHere(['seed', '--check', folder])

  expect(done.code).toBe(1)
  expect(done.stderr).toContain(message)
})

test('fault add makes the next requests fail, list counts them, clear ends it', async () => {
  const { url } = await aSandboxHere()
  const status = async () => (await fetch(`${url}/teak/v2/purchase`, purchase)).status

  const added = await coinslotHere(['fault', 'add', 'teak', '503', '--times', '2', '--path', '/v2/purchase', '--url', url])
  const list = async () => (await coinslotHere(['fault', 'list', '--url', url])).stdout
  const listed = [await status(), await list(), await status(), await list()]
  await coinslotHere(['fault', 'clear', 'f-1', '--url', url])

  expect(added.stdout).toBe('f-1  armed    teak /v2/purchase: status 503; applied 0 of 2 times\n')
  expect(listed).toEqual([
    503,
    'f-1  armed    teak /v2/purchase: status 503; applied 1 of 2 times\n',
    503,
    'f-1  used up  teak /v2/purchase: status 503; applied 2 of 2 times\n',
  ])
  expect(await status()).toBe(200)
})

test('fault list names the profile that a fault was created by', async () => {
  const { url } = await aSandboxHere()

  await coinslotHere(['fault', 'add', '--profile', 'charged-but-lost', 'teak', '--url', url])
  await coinslotHere(['fault', 'add', 'teak', '503', '--url', url])

  expect((await coinslotHere(['fault', 'list', '--url', url])).stdout.split('\n')).toEqual([
    'f-1  armed    teak: drop, after the vendor committed; applied 0 of 1 time (profile charged-but-lost)',
    'f-2  armed    teak: status 503; applied 0 times, no limit',
    '',
  ])
})

test.each([
  [['fault', 'add', 'teak'], 'Name an effect'],
  [['fault', 'add', 'teak', 'delay'], 'delay needs --ms N'],
  [['fault', 'add', 'teak', 'drop', '--ms', '5'], '--ms belongs to delay, not to drop'],
  [['fault', 'add', '--profile', 'flaky', 'teak', '--times', '2'], 'leave out --times'],
  [['fault', 'add', 'teak', 'drop', '--times', 'often'], '--times: invalid value "often"'],
  [['clock', 'set', 'tomorrow'], 'Invalid time "tomorrow"'],
  [['clock', 'set', '2026-02-30'], 'Invalid time "2026-02-30"'],
  [['clock', 'set', '2026-04-31T10:00'], 'Invalid time "2026-04-31T10:00"'],
  [['clock', 'advance', 'soon'], 'Invalid duration "soon"'],
  [['store', 'google_play', 'sideways'], 'Or give up or down'],
  [['mint', 'google_play', 'productid=x'], 'Did you mean productId?'],
  [['mint', 'ouya', 'tamper=key'], 'encrypted, not signed'],
  [['requests', '--status', '9'], 'use 404 or 4xx'],
  [['verify', 'nofile'], `'nofile'. Give JSON in quotes`],
  [['reset', '--url', 'ftp://x'], 'Give one such as http://127.0.0.1:4010'],
  [['--memory', '--port', '6000'], 'Browsers and fetch refuse'],
  [['--memory', '--host', 'http://127.0.0.1'], 'without http://'],
  [['--memory', '--host', '127.0.0.1:4010'], 'without a port'],
])('coinslot %j is wrong usage and says what to do', async (words, message) => {
  const done = await coinslotHere(words)

  expect(done.code).toBe(2)
  expect(done.stderr).toContain(message)
})

test('clock is set, moved on, frozen and given back', async () => {
  const { url } = await aSandboxHere()
  const clock = async (...words: string[]) => (await coinslotHere(['clock', ...words, '--url', url])).stdout.trim()

  expect(await clock('set', '2026-01-31', '--frozen')).toBe('2026-01-31T00:00:00.000Z, frozen')
  expect(await clock('advance', 'P1M')).toBe('2026-02-28T00:00:00.000Z, frozen\nnothing fell due')
  expect(await clock('advance', '90s')).toBe('2026-02-28T00:01:30.000Z, frozen\nnothing fell due')
  expect(await clock('set', '2026-01-31T00:00+01:00')).toMatch(/^2026-01-30T23:00:0/)
  expect(await clock('freeze')).toMatch(/^2026-01-30T23.*, frozen$/)
  expect(await clock('real')).not.toContain('frozen')
})

test('moving the clock on prints what fell due, no line wider than the terminal', async () => {
  const { url } = await aSandboxHere()
  const sold = { app: 'com.example.game', productId: 'club.monthly', type: 'subscription', period: 'P1M' }
  const rtdn = { url: `http://127.0.0.1:9/${'long'.repeat(20)}` }
  const [{ row }] = ((await (await fetch(`${url}/_sandbox/tables/google_play/apps`)).json()) as { rows: [{ row: object }] }).rows
  await fetch(`${url}/_sandbox/seed`, { method: 'POST', body: JSON.stringify({ google_play: { apps: [{ ...row, rtdn }] } }) })
  await coinslotHere(['clock', 'set', '2026-01-31', '--frozen', '--url', url])
  await fetch(`${url}/_sandbox/upstreams/google_play/purchases/t-1/purchase`, { method: 'POST', body: JSON.stringify(sold) })
  await fetch(`${url}/_sandbox/upstreams/google_play/purchases/t-1/acknowledge`, { method: 'POST' })

  const { stdout } = await coinslotHere(['clock', 'advance', 'P1M', '--url', url], { env: { COLUMNS: '80' } })
  const lines = stdout.trimEnd().split('\n')

  expect(lines[0]).toBe('2026-02-28T00:00:00.000Z, frozen')
  expect(lines).toContain('2026-02-28T00:00:00.000Z google_play club.monthly renewed')
  expect(stdout).toContain('SUBSCRIPTION_RENEWED to')
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
})

test('store takes the marketplace down and refunds a purchase', async () => {
  const { url } = await aSandboxHere()

  const down = await coinslotHere(['store', 'google_play', 'down', '--url', url])
  const all = await coinslotHere(['store', '--json', '--url', url])
  const refund = await coinslotHere(['store', 'google_play', 'token/1', 'refund', '--json', '--url', url])

  expect(down.stdout).toBe('google_play is down (unreachable)\n')
  expect(JSON.parse(all.stdout)).toMatchObject({ google_play: { reachable: false }, samsung: { reachable: true } })
  expect(JSON.parse(refund.stdout)).toMatchObject({ token: 'token/1', cancelReason: 'publisher' })
})

test('store says that it made a purchase whose token neither the store nor a vendor knew, and nothing of known ones', async () => {
  const { url } = await aSandboxHere()
  await coinslotHere(['mint', 'google_play', 'purchaseToken=bought', '--send', '--url', url])
  const cancel = async (token: string) => (await coinslotHere(['store', 'google_play', token, 'cancel', '--url', url])).stderr

  expect(await cancel('bought')).toBe('')
  expect(await cancel('bougth')).toMatch(/^New purchase: google_play had none with the token "bougth", .* "coinslot requests" shows/)
  expect(await cancel('bougth')).toBe('')
  expect((await coinslotHere(['store', 'google_play', 't', 'purchase', 'productId=gems.10', '--url', url])).stderr).toBe('')
  expect((await coinslotHere(['store', 'amazon', 't', 'cancel', '--url', url])).stderr).toContain('There is no store "amazon"')
})

test('requests fits the terminal, never drops the explanation, and shows one entry whole', async () => {
  const { url } = await aSandboxHere()
  await fetch(`${url}/teak/v2/purchase?${'x'.repeat(100)}=1`, purchase)
  const { explanation } = (await (await fetch(`${url}/_sandbox/traffic/r-1`)).json()) as { explanation: string }

  const list = await coinslotHere(['requests', '--url', url], { env: { COLUMNS: '60', CI: 'true', FORCE_COLOR: '0' } })
  const one = await coinslotHere(['requests', 'r-1', '--url', url])

  expect(list.stdout.split('\n').filter((line) => line.length > 60)).toEqual([])
  expect(list.stdout.replaceAll(/\s+/g, ' ')).toContain(explanation)
  expect(list.stdout).not.toContain('\u001B')
  expect(one.stdout).toContain('"platform_id": "order-1"')
  expect(one.stdout).toContain('added teak.purchases 123456:order-1')
})

test('requests --verdict lists the requests with this verdict, and an unknown verdict is wrong usage', async () => {
  const { url } = await aSandboxHere()
  await fetch(`${url}/teak/v2/purchase`, purchase)
  await fetch(`${url}/teak/v2/purchase`, purchase)
  await fetch(`${url}/teak/v2/purchase`, { ...purchase, body: body.replace('server-secret', 'guess') })

  const repeated = await coinslotHere(['requests', '--verdict', 'repeated', '--url', url])
  const refused = await coinslotHere(['requests', '--verdict', 'refused', '--json', '--url', url])
  const unknown = await coinslotHere(['requests', '--verdict', 'rejected', '--url', url])

  expect(repeated.stdout).toMatch(/^r-2 /)
  expect(refused.stdout.trim().split('\n')).toHaveLength(1)
  expect(JSON.parse(refused.stdout)).toMatchObject({ id: 'r-3', verdict: 'refused' })
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain('Allowed choices are accepted, repeated, pending, refused, failed.')
})

test('requests shows outcome and verdict of each request, and one word where both are the same', async () => {
  const { url } = await aSandboxHere()
  await fetch(`${url}/teak/v2/purchase`, purchase)
  await fetch(`${url}/teak/v2/purchase`, purchase)
  await fetch(`${url}/teak/v2/purchase`, { ...purchase, body: body.replace('server-secret', 'guess') })

  const { stdout } = await coinslotHere(['requests', '--url', url])

  const facts = stdout.split('\n').filter((line) => line.startsWith('r-'))
  expect(facts.map((line) => line.replace(/^(r-\d+) \S+/, '$1'))).toEqual([
    'r-1 teak POST /v2/purchase 200 recorded (accepted)',
    'r-2 teak POST /v2/purchase 200 repeated',
    'r-3 teak POST /v2/purchase 403 wrong-secret (refused)',
  ])
})

test('requests --outcome lists the requests with this outcome, and names the nearest outcomes to an unknown one', async () => {
  const { url } = await aSandboxHere()
  await fetch(`${url}/teak/v2/purchase`, purchase)
  await fetch(`${url}/teak/v2/purchase`, purchase)

  const repeated = await coinslotHere(['requests', '--outcome', 'repeated', '--json', '--url', url])
  const none = await coinslotHere(['requests', '--outcome', 'unknown-player', '--url', url])
  const misspelt = await coinslotHere(['requests', '--outcome', 'repeted', '--url', url])

  expect(
    repeated.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([expect.objectContaining({ id: 'r-2', outcome: 'repeated' })])
  expect([none.code, none.stdout]).toEqual([0, 'No request matches.\n'])
  expect([misspelt.code, misspelt.stdout]).toEqual([2, ''])
  expect(misspelt.stderr).toContain('No vendor declares an outcome "repeted". The nearest are repeated')
})

test('requests ID shows the verdict, the value that was sent and the value that would be accepted', async () => {
  const { url } = await aSandboxHere()
  await fetch(`${url}/teak/v2/purchase`, { ...purchase, body: body.replace('server-secret', 'guess') })
  const entry = (await (await fetch(`${url}/_sandbox/traffic/r-1`)).json()) as TrafficEntry
  const expected = [{ pointer: '/body/secret_key', got: 'guess', expected: 'the secret of game 123456' }]

  const { stdout } = await coinslotHere(['requests', 'r-1', '--url', url])
  const text = wholeEntryText({ ...entry, expected }, colorsFor({}, {}))

  expect(stdout).toContain(', verdict refused\n')
  expect(text).toContain('expected\n/body/secret_key\n  - expected "the secret of game 123456"\n  + got      "guess"\n')
})

test('a receipt that is refused with status 200 is yellow, and a purchase that a fault takes down is red', async () => {
  const { url } = await aSandboxHere()
  await coinslotHere(['mint', 'google_play', 'tamper=key', '--for', 'gameofwhales', '--send', '--url', url])
  await coinslotHere(['fault', 'add', 'teak', 'drop', '--url', url])
  await fetch(`${url}/teak/v2/purchase`, purchase).catch(() => {})

  const { stdout } = await coinslotHere(['requests', '--url', url], { env: { FORCE_COLOR: '1' } })

  expect(stdout).toContain('\u001B[33mr-1 ')
  expect(stdout).toContain('\u001B[31mr-2 ')
})

test('colors are forced by FORCE_COLOR=1 and kept away by NO_COLOR', async () => {
  const { url } = await aSandboxHere()
  await fetch(`${url}/teak/v2/purchase`, purchase)

  expect((await coinslotHere(['requests', '--url', url], { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001B[32m')
  expect((await coinslotHere(['requests', '--url', url], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout).not.toContain('\u001B')
})

test('mint --send sends the receipt and prints the answer with its explanation', async () => {
  const { url } = await aSandboxHere()

  const good = await coinslotHere(['mint', 'google_play', '--send', '--url', url])
  const forged = await coinslotHere([
    'mint',
    'google_play',
    'tamper=key',
    '--for',
    'gameofwhales',
    '--send',
    '--url',
    url,
    '--workspace',
    'ci-7',
  ])

  expect(good.stdout).toMatch(
    /^r-1 \S+ mbaasy POST \/client\/google_play\/purchase_orders 200 recorded \(accepted\)\n +The store confirmed/,
  )
  expect(forged.stdout).toMatch(/gameofwhales POST \/receipt 200 illegal \(refused\)\n +Transaction \S+ is illegal: the signature/)
  expect((await coinslotHere(['requests', '--url', url])).stdout).not.toContain('illegal')
})

test('a minted purchase is asked about, notified and inspected, and the credential of the seed is printed', async () => {
  const { url } = await aSandboxHere()

  const asked = await coinslotHere(['mint', 'google_play', '--for', 'google_play', '--send', '--url', url])
  const line = await coinslotHere(['mint', 'google_play', '--for', 'google_play', '--as', 'curl', '--url', url])
  const notice = await coinslotHere(['mint', 'google_play', 'period=P1M', '--as', 'notification', '--type', '2', '--url', url])
  const key = await coinslotHere(['key', 'google_play'])

  expect(asked.stdout).toMatch(
    /google_play GET \/androidpublisher\/v3\/\S+ 200 found \(accepted\)\n +The purchase of gems\.10 is purchased/,
  )
  expect(line.stdout).toMatch(/^curl -i '\S+\/google_play\/androidpublisher\/v3\/\S+' -H 'Authorization: Bearer ya29\.sandbox'\n$/)
  const { message } = JSON.parse(notice.stdout) as { message: { data: string } }
  expect(Buffer.from(message.data, 'base64').toString()).toContain('"notificationType":2')
  expect(JSON.parse(key.stdout)).toMatchObject({ type: 'service_account', project_id: 'coinslot-sandbox' })
})

test('a purchase that is minted without a sandbox says that no store knows it', async () => {
  const nobody = { env: { COINSLOT_PORT: '2' } }
  const minted = JSON.parse((await coinslotHere(['mint', 'google_play'], nobody)).stdout) as { registered: boolean; warnings: string[] }
  const line = await coinslotHere(['mint', 'google_play', '--for', 'google_play', '--as', 'curl'], nobody)

  expect(minted).toMatchObject({ registered: false, warnings: [expect.stringContaining('no simulated store knows this purchase')] })
  expect(line.stderr).toContain('no simulated store knows this purchase')
})

test('a store acts on a purchase with the members of the command line', async () => {
  const { url } = await aSandboxHere()
  const store = (...words: string[]) => coinslotHere(['store', 'google_play', 'token-1', ...words, '--url', url])

  const sold = await store('purchase', 'app=com.example.game', 'productId=gems.10', 'quantity=2')
  const refunded = await store('refund', 'quantity=1', 'reason=3')
  const wrong = await store('refund', 'until=tomorrow')
  const noMember = await store('refund', 'all')

  expect(sold.stdout).toContain('"quantity":2')
  expect(refunded.stdout).toContain('"refundReason":3,"refundedQuantity":1')
  expect([wrong.code, noMember.code]).toEqual([2, 2])
  expect(wrong.stderr).toContain('until')
})

test('mint --send of a receipt that the store confirms later prints how to send one receipt twice', async () => {
  const { url } = await aSandboxHere()
  const at = { env: { COINSLOT_URL: url } }
  await coinslotHere(['store', 'google_play', 'down'], at)

  const sent = await coinslotHere(['mint', 'google_play', 'productId=big gems', '--send'], at)
  const again = /^This receipt is not kept.* coinslot (mint google_play 'productId=big gems' --as curl) > buy.sh && sh buy.sh\n$/.exec(
    sent.stderr,
  )
  const line = await coinslotHere(['mint', 'google_play', 'productId=big gems', '--as', 'curl'], at)
  const buy = () => promisify(execFile)('sh', ['-c', line.stdout])
  const first = await buy()
  await coinslotHere(['store', 'google_play', 'up'], at)
  const second = await buy()

  expect(again).not.toBeNull()
  expect([first.stdout, second.stdout].map((text) => text.slice(9, 12))).toEqual(['206', '200'])
})

test('rows shows tables, rows and one row', async () => {
  const { url } = await aSandboxHere()

  expect((await coinslotHere(['rows', 'teak', '--url', url])).stdout).toContain('teak players  2 rows\n')
  expect((await coinslotHere(['rows', 'teak', 'players', '--limit', '1', '--url', url])).stderr).toContain('1 of 2 rows')
  expect(JSON.parse((await coinslotHere(['rows', 'teak', 'players', '123456:player-1', '--url', url])).stdout)).toEqual({
    gameId: '123456',
    userId: 'player-1',
  })
})

test('a Kubernetes service link in COINSLOT_PORT is ignored with a note', async () => {
  const sandbox = await aRunningSandbox(['--memory'], { env: { COINSLOT_PORT: 'tcp://10.96.12.7:4010' } })

  expect(sandbox.said().stderr).toContain('COINSLOT_PORT=tcp://10.96.12.7:4010 is ignored')
})

test('an address without http://, with /_sandbox or https:// at a plain port', async () => {
  const { url } = await aSandboxHere()
  const bare = url.replace('http://', '')

  const short = await coinslotHere(['ready', '--url', `${bare}/_sandbox/`])
  const secure = await coinslotHere(['ready', '--url', `https://${bare}`])

  expect(short.stdout).toContain(`ready: ${url}`)
  expect(secure.code).toBe(1)
  expect(secure.stderr).toContain('does not speak TLS; use http://')
})

test.runIf(process.platform !== 'win32')('commands reach a sandbox on a port that fetch refuses', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    const health = '{"status":"ok","version":"0","uptimeSeconds":1,"vendors":[]}'
    socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${health.length}\r\n\r\n${health}`))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(10080, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())

  expect((await coinslotHere(['ready', '--url', 'http://127.0.0.1:10080'])).code).toBe(0)
})

test('--host localhost answers on both loopback addresses', async () => {
  const { url } = await aRunningSandbox(['--memory', '--host', 'localhost'])
  const { port } = new URL(url)

  expect((await fetch(`http://127.0.0.1:${port}/_sandbox/health`)).status).toBe(200)
  expect((await fetch(`http://[::1]:${port}/_sandbox/health`)).status).toBe(200)
})

test('a start says that the clock was moved, faults are armed and a store is unreachable', async () => {
  const data = join(aFolder(), 'data')
  const first = await aRunningSandbox(['--data', data])
  await coinslotHere(['clock', 'advance', '2d', '--url', first.url])
  await coinslotHere(['fault', 'add', 'teak', 'drop', '--url', first.url])
  await coinslotHere(['store', 'samsung', 'down', '--url', first.url])
  await first.end('SIGTERM')

  const second = await aRunningSandbox(['--data', data])
  await fetch(`${second.url}/kakao/x`)
  await second.end('SIGTERM')

  const { stderr } = second.said()
  expect(stderr).toContain('The clock was moved')
  expect(stderr).toContain('1 fault is armed (teak)')
  expect(stderr).toContain('The simulated samsung is unreachable')
})

test('a session is saved as a file and opened as a workspace of another sandbox', async () => {
  const [here, there] = [await aSandboxHere(), await aSandboxHere()]
  const file = join(aFolder(), 'Lost Purchase.json')
  await fetch(`${here.url}/teak/v2/purchase`, purchase)

  expect(await coinslotHere(['session', 'save', file, '--url', here.url])).toMatchObject({
    code: 0,
    stdout: `${file}: saved workspace default with 1 request\n`,
  })
  const opened = await coinslotHere(['session', 'open', file, '--url', there.url])

  expect(opened).toMatchObject({ code: 0 })
  expect(opened.stdout).toContain(`open ${there.url}/@lost-purchase/_sandbox/`)
  expect((await coinslotHere(['requests', '--url', there.url, '--workspace', 'lost-purchase'])).stdout).toContain('recorded')
})

test.each([
  ['a file that is not there', 'none.json', 'none.json cannot be read: ENOENT'],
  ['a file that is not JSON', 'text.json', 'text.json cannot be opened: Unexpected token'],
  ['a file that is no session', 'other.json', '"format" is not "coinslot-session"'],
])('%s is not opened', async (_what, file, said) => {
  const { url } = await aSandboxHere()
  const cwd = aFolder()
  writeFileSync(join(cwd, 'text.json'), 'text')
  writeFileSync(join(cwd, 'other.json'), '{}')

  const { code, stderr } = await coinslot(['session', 'open', file, '--url', url], { cwd })

  expect(code).toBe(1)
  expect(stderr).toContain(said)
})

test('webhook adds and removes a webhook, lists what was sent, and sends it again', async () => {
  const calls: string[] = []
  const receiver = createHttpServer((request, response) => {
    calls.push(request.url!)
    response.writeHead(calls.length === 1 ? 500 : 200).end('ok')
  })
  await new Promise<void>((resume) => receiver.listen(0, '127.0.0.1', resume))
  onTestFinished(() => void receiver.close())
  const address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  const { url } = await aSandboxHere()
  const family = '0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01'
  const webhook = (...words: string[]) => coinslotHere(['webhook', ...words, '--url', url, '--workspace', 'ci-7'])

  const added = await webhook('add', 'mbaasy', `appFamilyId=${family}`, 'name=shop', `url=${address}`, 'hmacKey=secret')
  expect(added).toMatchObject({ code: 0, stdout: `added a webhook of mbaasy to ${address}\n` })
  expect((await webhook('list')).stdout).toBe('No webhooks were sent.\n')
  expect((await coinslotHere(['mint', 'google_play', '--send', '--for', 'mbaasy', '--url', url, '--workspace', 'ci-7'])).code).toBe(0)
  await expect.poll(async () => (await webhook('list')).stdout).toMatch(/waiting after 1 attempt, last answer 500, next at /)

  const { deliveries } = JSON.parse((await webhook('list', '--status', 'waiting', '--json')).stdout) as { deliveries: { id: string }[] }
  const again = await webhook('redeliver', deliveries[0]!.id)
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('delivered after 2 attempts, last answer 200') })
  expect((await webhook('list', '--status', 'failed')).stdout).toBe('No webhook is failed.\n')
  expect(calls).toEqual(['/hook', '/hook'])

  expect(await webhook('remove', 'mbaasy', `${family}:shop`)).toMatchObject({ code: 0, stdout: `removed ${family}:shop\n` })
  expect(await webhook('remove', 'mbaasy', `${family}:shop`)).toMatchObject({ code: 1, stderr: expect.stringContaining('Row not found') })
})

test('webhook says what it cannot do', async () => {
  const { url } = await aSandboxHere()
  const webhook = (...words: string[]) => coinslotHere(['webhook', ...words, '--url', url])

  expect(await webhook('add', 'google_play', 'url=http://127.0.0.1/')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('coinslot seed FILE'),
  })
  expect(await webhook('add', 'acme', 'url=http://127.0.0.1/')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('own: mbaasy.'),
  })
  expect(await webhook('add', 'mbaasy', 'name=shop')).toMatchObject({ code: 1, stderr: expect.stringContaining('url') })
  expect(await webhook('add', 'mbaasy', 'shop')).toMatchObject({ code: 2, stderr: expect.stringContaining('write name=value') })
  expect(await webhook('list', '--status', 'lost')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('waiting, delivered, failed'),
  })
  expect(await webhook('redeliver', 'd-9')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('"coinslot webhook list" lists them'),
  })
})

test('workspace creates, lists and removes workspaces', async () => {
  const { url } = await aSandboxHere()
  const workspace = (...words: string[]) => coinslotHere(['workspace', ...words, '--url', url])

  const added = await workspace('add', 'ci-7', '--credential', 'teak=ci7-game')
  expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ci-7 +\d+ rows, teak ci7-game\n$/) })
  expect((await workspace('list')).stdout).toMatch(/^ci-7 .*\ndefault /)
  expect(JSON.parse((await workspace('list', '--json')).stdout)).toMatchObject({ workspaces: [{ name: 'ci-7' }, { name: 'default' }] })
  expect(await workspace('remove', 'ci-7')).toMatchObject({ code: 0, stdout: 'removed ci-7\n' })
  expect((await workspace('list')).stdout).not.toContain('ci-7')
  expect(await workspace('remove', 'ci-7')).toMatchObject({ code: 1, stderr: expect.stringContaining('"coinslot workspace list"') })
  expect(await workspace('add', 'ci-8', '--port', 'many')).toMatchObject({ code: 2, stderr: expect.stringContaining('--port') })
  expect(await workspace('add', 'ci-8', '--credential', 'teak')).toMatchObject({ code: 2, stderr: expect.stringContaining('vendor=value') })
})

test('rows of an unknown vendor is an error that names the vendors', async () => {
  const { url } = await aRunningSandbox(['--memory'])

  const done = await coinslot(['rows', 'teek', '--url', url])

  expect([done.code, done.stdout]).toEqual([1, ''])
  expect(done.stderr).toContain('There is no vendor "teek" with tables; available: ')
})

test.each([
  ['[]', 'The expectation is an array.'],
  ['null', 'The expectation is null.'],
  ['"teak"', 'The expectation is a string.'],
])('verify %s says that an expectation is an object', async (source, message) => {
  const done = await coinslot(['verify', source])

  expect(done.code).toBe(2)
  expect(done.stderr).toContain(message)
})

test.each([
  ['requests', '--limit', '0'],
  ['rows', 'teak', 'players', '--limit', '0'],
  ['fault', 'add', 'teak', 'drop', '--times', '0'],
  ['fault', 'add', 'nope', 'drop'],
  ['mint', 'google_play', 'packageName=com.example.game', 'productId=a', 'tamper=nope'],
  ['snapshot', 'save', 'X'],
  ['workspace', 'add', 'BAD'],
  ['verify', '{"outcome":"nope"}'],
])('a value that the sandbox refuses is wrong usage: %s %s %s %s', async (...words) => {
  const { url } = await aRunningSandbox(['--memory'])

  expect((await coinslotHere([...words, '--url', url])).code).toBe(2)
})

test('a workspace of a flag wins over one of the environment, also where an address names it', async () => {
  const { url } = await aRunningSandbox(['--memory'])
  const rows = (flags: string[], env: Record<string, string>) => coinslotHere(['reset', ...flags], { env })
  await rows(['--workspace', 'vf'], { COINSLOT_URL: `${url}/@ft` })
  await rows(['--url', `${url}/@by-url`], { COINSLOT_WORKSPACE: 'by-env' })

  const { workspaces } = (await (await fetch(`${url}/_sandbox/workspaces`)).json()) as { workspaces: { name: string }[] }
  expect(workspaces.map(({ name }) => name).sort()).toEqual(['by-url', 'default', 'vf'])
})

test('verify sends the digits of long numbers as they are', async () => {
  const { url } = await aRunningSandbox(['--memory'])
  const sent = '{"game_id":"123456","secret_key":"server-secret","user_id":76561198122624102,"amount":1}'
  await fetch(`${url}/teak/v2/purchase`, { method: 'POST', headers, body: sent })
  const verify = (id: string) => coinslot(['verify', `{"vendor":"teak","body":{"user_id":${id}}}`, '--url', url])

  expect((await verify('76561198122624102')).code).toBe(0)
  expect(await verify('76561198122624103')).toMatchObject({ code: 1, stdout: expect.stringContaining('actual   76561198122624102') })
  expect(await verify('"76561198122624102"')).toMatchObject({ code: 1, stdout: expect.stringContaining('expected "76561198122624102"') })
})

test('requests, and what it was asked with --json, have the digits of long numbers as they were sent', async () => {
  const { url } = await aSandboxHere()
  const sent = '{"user_id":76561198122624102,"amount":1e400}'
  await fetch(`${url}/teak/v2/purchase`, { method: 'POST', headers, body: sent })
  const shown = async (...args: string[]) => (await coinslotHere(['requests', ...args, '--url', url])).stdout

  for (const args of [['--json'], ['r-1', '--json']]) expect(await shown(...args)).toContain(`"parsed":${sent}`)
  expect(await shown('r-1')).toContain('"user_id": 76561198122624102')
})

test('a workspace that the address names is the one that reset and session speak of', async () => {
  const { url } = await aSandboxHere()
  const file = join(aFolder(), 'a.json')
  await fetch(`${url}/@ci-7/teak/v2/purchase`, purchase)
  const said = async (...args: string[]) => (await coinslotHere([...args, '--url', `${url}/@ci-7`])).stdout

  expect(await said('session', 'save', file)).toContain('saved workspace ci-7 with 1 request')
  expect(await said('session', 'open', file)).toContain(`open ${url}/@a/_sandbox/`)
  expect(await said('reset')).toBe('ci-7 is back to its seed\n')
  expect(await said('reset', '--json')).toBe('{"reset":"ci-7"}\n')
})

test.each([
  ['requests', '', 'id'],
  ['rows teak players', '', 'key'],
  ['store google_play', ' renew', 'token'],
  ['fault clear', '', 'id'],
  ['snapshot save', '', 'name'],
])('%s with an empty argument is wrong usage', async (command, rest, name) => {
  const { url } = await aSandboxHere()
  const args = [...command.split(' '), '', ...rest.split(' ').filter(Boolean)]

  expect(await coinslotHere([...args, '--url', url])).toMatchObject({
    code: 2,
    stderr: `coinslot: The argument <${name}> is empty; give a value, or look at the variable that holds it.\n`,
  })
})

test('a damaged snapshot is listed as damaged', async () => {
  const data = aFolder()
  const { url } = await aRunningSandbox(['--data', data])
  await coinslot(['snapshot', 'save', 'a', '--url', url])
  writeFileSync(join(data, 'snapshots', 'default', 'a.json'), '[1]')

  expect((await coinslotHere(['snapshot', 'list', '--url', url])).stdout).toMatch(/^a +damaged\n$/)
})

test('rows and a saved session have the digits of long numbers', async () => {
  const { url } = await aSandboxHere()
  const file = join(aFolder(), 'a.json')
  const kakao = {
    ...headers,
    appId: '103815',
    appSecret: '951b75bf17fe0885ab5106ba2a9f9bc9',
    playerId: '123412341234',
    Authorization: 'KakaoAK 11118035a320f23423585acae3ded1111',
  }
  const log =
    '{"currency":"USD","price":12.23,"os":"android","country":"us","market":"googlePlay","marketProductId":"gem","marketPurchaseTime":1,"modTime":76561198122624102}'
  await fetch(`${url}/kakao/service/v3/log/writePurchaseLog`, { method: 'POST', headers: kakao, body: log })

  expect((await coinslotHere(['rows', 'kakao', 'purchaseLogs', '--url', url])).stdout).toContain('76561198122624102')
  expect(await coinslotHere(['session', 'save', file, '--url', url])).toMatchObject({ code: 0 })
  expect(await coinslotHere(['session', 'open', file, '--url', url])).toMatchObject({ code: 0, stderr: '' })
})
