// One visit to a started program: the page, a purchase, a refused one, receipts, and a restart that keeps the rows. The tests of Windows and of
// the single executables make it with their own programs.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const order = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'order-0001' }

/**
 * Makes the visit.
 *
 * @param {{ command: readonly string[], folder: string, env?: Record<string, string | undefined> }} program command that starts coinslot, an
 *   empty folder to start it in, and its environment
 */
export async function journey(program) {
  const data = join('da ta', '#1 %41 ü')
  let running = await start(program, ['start', '--port', '0', '--data', data])
  const ask = (path, init) => fetch(`${running.url}${path}`, init)
  const buy = (change) => ask('/teak/v2/purchase', json({ ...order, ...change }))
  try {
    const page = await ask('/_sandbox/')
    assert.equal(page.status, 200)
    const [, script] = /<script[^>]* src="([^"]+)"/.exec(await page.text()) ?? []
    assert.equal((await fetch(new URL(script ?? 'no-script', `${running.url}/_sandbox/`))).status, 200)

    assert.equal((await buy({})).status, 200)
    const refused = await buy({ secret_key: 'wrong', platform_id: 'order-0002' })
    assert.equal(Math.floor(refused.status / 100), 4)

    const requests = await run(program, ['requests', '--url', running.url])
    assert.match(requests, /teak POST \/v2\/purchase 200 recorded/)
    assert.match(requests, new RegExp(`teak POST /v2/purchase ${refused.status} `))

    // Google Play and the App Store sign with keys of the package, and OUYA seals with one.
    for (const [store, vendor] of [
      ['google_play', 'mbaasy'],
      ['app_store', 'mbaasy'],
      ['ouya', 'ouya'],
    ]) {
      const sent = await run(program, ['mint', store, '--for', vendor, '--send', '--url', running.url])
      assert.match(sent, / 200 recorded \(accepted\)\n/, store)
    }

    const seed = join('see ds#%', 'shop.json')
    mkdirSync(join(program.folder, 'see ds#%'))
    writeFileSync(
      join(program.folder, seed),
      '\ufeff{ // as editors of Windows write it\r\n  "teak": { "players": [{ "gameId": "123456", "userId": "ann" }] }\r\n}\r\n',
    )
    assert.match(await run(program, ['seed', seed, '--url', running.url]), /loaded 1 row into 1 table/)

    await running.end()
    running = await start(program, ['start', '--port', '0', '--data', data])
    assert.match(await run(program, ['rows', 'teak', 'purchases', '--url', running.url]), /order-0001/)
    assert.equal((await buy({})).status, 200)
    assert.match(await run(program, ['requests', '--url', running.url]), /teak POST \/v2\/purchase 200 (?!recorded)/)
  } finally {
    await running.end()
  }
}

/** Starts a sandbox and waits for its address. Output goes to files, because pipes fail under Wine. */
export async function start({ command, folder, env }, args) {
  const out = join(folder, 'start.out')
  const { child, ended } = launch({ command, folder, env }, args, out)
  // npm under Wine takes more than a minute on a busy machine.
  const until = performance.now() + 180_000
  for (;;) {
    const url = /https?:\/\/[\w.:]+/.exec(readFileSync(out, 'utf8'))?.[0]
    if (url !== undefined) return { url, pid: child.pid, end: () => (child.kill(), ended) }
    if (child.exitCode !== null || performance.now() > until) {
      child.kill()
      assert.fail(`It did not start: ${readFileSync(out, 'utf8')}${readFileSync(`${out}.err`, 'utf8')}`)
    }
    await pause(5)
  }
}

/** Runs a command to its end and returns its standard output. */
export async function run({ command, folder, env }, args) {
  const out = join(folder, 'run.out')
  const code = await launch({ command, folder, env }, args, out).ended
  const text = readFileSync(out, 'utf8').replaceAll('\r', '')
  assert.equal(code, 0, `${args.join(' ')} ended with ${code}: ${text}${readFileSync(`${out}.err`, 'utf8')}`)
  rmSync(out)
  return text
}

function launch({ command: [file, ...first], folder, env }, args, out) {
  const files = [openSync(out, 'w'), openSync(`${out}.err`, 'w')]
  const child = spawn(file, [...first, ...args], { cwd: folder, env, stdio: ['ignore', ...files], timeout: 120_000 })
  files.forEach(closeSync)
  const ended = new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject))
  return { child, ended }
}

function json(body) {
  return { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
}
