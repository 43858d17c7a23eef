import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { aFolder, aSandboxHere, coinslotHere } from './process.js'

const commands = [
  ['mint'],
  ['inspect'],
  ['seed'],
  ['verify'],
  ['requests'],
  ['rows'],
  ['fault'],
  ['fault', 'add'],
  ['fault', 'list'],
  ['fault', 'clear'],
  ['clock'],
  ['clock', 'set'],
  ['clock', 'advance'],
  ['clock', 'freeze'],
  ['clock', 'real'],
  ['store'],
  ['reset'],
  ['snapshot'],
  ['snapshot', 'list'],
  ['session'],
  ['session', 'save'],
  ['session', 'open'],
  ['webhook'],
  ['webhook', 'list'],
  ['webhook', 'redeliver'],
  ['webhook', 'add'],
  ['webhook', 'remove'],
  ['workspace'],
  ['workspace', 'list'],
  ['workspace', 'add'],
  ['workspace', 'remove'],
  ['hosts'],
  ['ca'],
  ['ready'],
  ['exec'],
]

test.runIf(process.platform !== 'win32').each(commands.map((words) => words.join(' ')))(
  'the examples in the help of coinslot %s do what they say',
  async (command) => {
    const words = command.split(' ')
    const sandbox = await aSandboxHere()
    const folder = await aPreparedFolder(sandbox.url)

    const examples = examplesIn((await coinslotHere([...words, '--help'])).stdout)
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) expect({ example, ...(await shell(example, folder, sandbox.url)) }).toMatchObject({ code: 0 })
  },
)

test('doctor and start end their help with examples, too', async () => {
  expect(examplesIn((await coinslotHere(['doctor', '--help'])).stdout)).toContain('coinslot doctor')
  expect(examplesIn((await coinslotHere(['start', '--help'])).stdout)).toContain('coinslot --memory --port 0')
})

function examplesIn(help: string): string[] {
  const [, below = ''] = help.split('\nExamples:\n')
  return below.split('\n').flatMap((line) => (line.startsWith('  coinslot') ? [line.trim()] : []))
}

/** A folder with the files that examples name, in which `coinslot` is on the PATH and a request is there to be looked at. */
async function aPreparedFolder(url: string): Promise<string> {
  const folder = aFolder()
  const bin = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))
  writeFileSync(join(folder, 'coinslot'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`)
  chmodSync(join(folder, 'coinslot'), 0o755)
  mkdirSync(join(folder, 'seeds'))
  writeFileSync(join(folder, 'seeds', 'players.json'), JSON.stringify({ teak: { players: [{ gameId: '123456', userId: 'ann' }] } }))
  writeFileSync(join(folder, 'receipt.json'), '{"purchaseData":"{}","signature":"AAAA"}')
  const body = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'order-1' }
  const headers = { 'Content-Type': 'application/json' }
  await fetch(`${url}/teak/v2/purchase`, { method: 'POST', headers, body: JSON.stringify(body) })
  await fetch(`${url}/_sandbox/workspaces/ci-7`, { method: 'PUT' })
  await fetch(`${url}/_sandbox/snapshots/before-sale`, { method: 'PUT' })
  const session = await (await fetch(`${url}/_sandbox/session`)).text()
  for (const name of ['lost-purchase.json', 'bug.json']) writeFileSync(join(folder, name), session)
  const fault = { match: { vendor: 'ouya' }, effect: { kind: 'hang' } }
  await fetch(`${url}/_sandbox/faults`, { method: 'POST', headers, body: JSON.stringify(fault) })
  return folder
}

function shell(line: string, folder: string, url: string): Promise<{ code: number; output: string }> {
  const env = { PATH: `${folder}:${process.env['PATH']}`, HOME: folder, COINSLOT_URL: url }
  return new Promise((resolve) => {
    execFile('sh', ['-c', line], { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr })
    })
  })
}
