import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { colorsFor, outputWidth, wrapText } from '../../src/cli/output.js'
import { aFolder, aRunningSandbox } from './process.js'

const bin = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))

test('a sandbox keeps answering after its reader closed both pipes', async () => {
  const sandbox = await aRunningSandbox(['--memory', '--log', 'json'])
  sandbox.child.stdout!.destroy()
  sandbox.child.stderr!.destroy()

  for (let request = 0; request < 3; request++) expect((await fetch(`${sandbox.url}/teak/x`)).status).toBe(404)
  expect(sandbox.child.exitCode).toBeNull()
})

test.runIf(existsSync('/dev/full'))('a sandbox keeps answering while its log is on a full disk', async () => {
  const full = openSync('/dev/full', 'w')
  onTestFinished(() => closeSync(full))
  const child = spawn(process.execPath, [bin, '--memory', '--port', '0', '--log', 'json'], {
    cwd: aFolder(),
    stdio: ['ignore', 'pipe', full],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const line = await new Promise<string>((resolve) => child.stdout!.once('data', (chunk: Buffer) => resolve(chunk.toString())))
  const { url } = JSON.parse(line) as { url: string }

  for (let request = 0; request < 3; request++) expect((await fetch(`${url}/teak/x`)).status).toBe(404)
  expect(child.exitCode).toBeNull()
})

test.runIf(process.platform !== 'win32').each(['--help', 'hosts', 'mint google_play'])(
  'coinslot %s ends without an error if its output is not read',
  async (words) => {
    const child = spawn('sh', ['-c', `"$0" "$1" ${words} | true`, process.execPath, bin], { cwd: aFolder() })
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    await new Promise((resolve) => child.once('close', resolve))

    expect(stderr).toBe('')
  },
)

test.each([
  [false, {}, false],
  [true, {}, true],
  [false, { CI: 'true' }, false],
  [true, { FORCE_COLOR: '0' }, false],
  [false, { FORCE_COLOR: '1' }, true],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
])('a terminal (%s) with %j is colored: %s', (isTTY, env, isColored) => {
  expect(colorsFor({ isTTY }, env).red('x') !== 'x').toBe(isColored)
})

test('text is as wide as the terminal, and as COLUMNS says elsewhere', () => {
  expect(outputWidth({ isTTY: true, columns: 120 }, { COLUMNS: '60' })).toBe(120)
  expect(outputWidth({}, { COLUMNS: '60' })).toBe(60)
  expect(outputWidth({}, {})).toBeUndefined()
})

test('wrapping keeps every word, breaks those that are too long and shows control characters', () => {
  expect(wrapText('aa bb cc', { width: 5, indent: ' ' })).toEqual([' aa', ' bb', ' cc'])
  expect(wrapText('abcdefgh ij', { width: 5 })).toEqual(['abcde', 'fgh', 'ij'])
  expect(wrapText('a\u001B[31mb\n', { width: undefined })).toEqual(['a\\u001b[31mb\\n'])
})
