import { expect, test } from 'vitest'
import { coinslot, coinslotHere } from './process.js'

const commands = [
  '',
  'start',
  'mint',
  'inspect',
  'seed',
  'requests',
  'verify',
  'rows',
  'fault',
  'clock',
  'store',
  'reset',
  'snapshot',
  'session',
  'webhook',
  'workspace',
  'hosts',
  'ca',
  'doctor',
  'ready',
  'exec',
]

/** Commands that have subcommands. */
const below: Readonly<Record<string, string[]>> = {
  fault: ['add', 'list', 'clear'],
  clock: ['set', 'advance'],
  webhook: ['list', 'redeliver', 'add', 'remove'],
  workspace: ['list', 'add', 'remove'],
  snapshot: ['save', 'restore', 'list', 'delete'],
}

test.each(commands)('the help of coinslot %s fits a screen of 40 lines and 80 columns', async (command) => {
  const { code, stdout } = await coinslotHere([...(command ? [command] : []), '--help'])
  const lines = stdout.trimEnd().split('\n')

  expect(code).toBe(0)
  expect(lines.length).toBeLessThanOrEqual(40)
  expect(lines.filter((line) => line.length > 80)).toEqual([])
})

test.each(commands.flatMap((command) => [command, ...(below[command] ?? []).map((name) => `${command} ${name}`)]))(
  'the description of coinslot %s is broken at the width of the terminal and nowhere else',
  async (command) => {
    const { stdout } = await coinslotHere([...command.split(' ').filter(Boolean), '--help'], { env: { COLUMNS: '80' } })
    const [, description = ''] = stdout.split('\n\n')
    const paragraph = description.split('\n').filter((line) => !line.startsWith(' ') && !line.endsWith('of'))

    for (const [at, line] of paragraph.slice(0, -1).entries()) {
      const next = paragraph[at + 1]!.split(' ')[0]!
      expect(line.length + 1 + next.length, `"${next}" fits behind "${line}"`).toBeGreaterThan(80)
    }
  },
)

test('limits are told by --help-all, and taken without it', async () => {
  const short = await coinslotHere(['start', '--help'])
  const all = await coinslotHere(['start', '--help-all'])

  expect(all.code).toBe(0)
  expect(short.stdout).toContain('--help-all')
  expect(short.stdout).not.toContain('--url-limit')
  expect(all.stdout).toMatch(/Limits:\n(?: .*\n)* +--url-limit <n>/)
  expect(all.stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(60)
  expect((await coinslot(['exec', '--memory', '--url-limit', '9000', '--', process.execPath, '--version'])).code).toBe(0)
})

const mistakes: [words: string[], code: number, next: RegExp][] = [
  [['--prot', '1'], 2, /Did you mean --port\?[^]*coinslot start --help/],
  [['--sync', 'sometimes'], 2, /--sync: invalid value "sometimes".*"always"/],
  [['--port', 'many'], 2, /--port: invalid value "many".*number/],
  [['--store', 'mysql://x'], 2, /redis:\/\/ or rediss:\/\//],
  [['--vendors', 'tek'], 2, /teak/],
  [['--vendor', './nowhere.js', '--memory'], 1, /nowhere\.js/],
  [['strat'], 2, /no command "strat"; "coinslot --help"/],
  [['mint', 'play'], 2, /google_play, app_store/],
  [['mint'], 2, /coinslot mint --help/],
  [['mint', 'google_play', 'one'], 2, /write --name value/],
  [['mint', 'app_store', 'items=[1'], 2, /single quotes/],
  [['inspect', 'nowhere.json'], 2, /or - for standard input/],
  [['seed', 'nowhere.json'], 1, /Nothing was loaded. Fix the lines above/],
  [['seed', '--check', 'nowhere.json'], 1, /Fix the lines above/],
  [['verify'], 2, /coinslot verify --help/],
  [['verify', 'nowhere.json'], 2, /Give JSON in quotes/],
  [['verify', '{"vendor":'], 2, /Give an object such as/],
  [['verify', '{}', '--within', 'soon'], 2, /seconds from 0 to 60/],
  [['snapshot', 'svae'], 2, /Did you mean save\?/],
  [['snapshot', 'save'], 2, /coinslot snapshot save --help/],
  [['hosts', '--address', 'here'], 2, /give an IP address/],
  [['ready', '--wait', 'long'], 2, /number of seconds/],
  [['reset', '--url', 'http://127.0.0.1:1'], 1, /Start one with "coinslot", or name another with --url/],
  [['ca', '--data', 'nowhere'], 1, /with --tls or --native-ports/],
  [['exec', '--min-coverage', 'most', '--', 'node'], 2, /percentage from 0 to 100/],
]

test.each(mistakes)('coinslot %j ends with exit code %i and says what to do', async (words, code, next) => {
  const done = await coinslotHere(words)

  expect(done.code).toBe(code)
  expect(done.stderr).toMatch(next)
  expect(done.stderr).not.toMatch(/^ +at /m)
})

test.each([
  [['mint', 'google_play', '--as', 'curl', '--for', 'teak'], /Use --for gameofwhales or --for google_play or --for mbaasy/],
  [['mint', 'google_play', '--as', 'xml'], /Allowed choices are json, unity, curl, notification, gameofwhales, google_play, mbaasy/],
  [['verify', '-'], /Standard input is not JSON/],
  [['exec', '--', 'no-such-program'], /on the PATH/],
])('coinslot %j in its own process is wrong usage and says what to do', async (words, next) => {
  const done = await coinslot(words)

  expect(done.code).toBe(2)
  expect(done.stderr).toMatch(next)
  expect(done.stderr).not.toMatch(/^ +at /m)
})

test('the process prints the help and ends with exit code 0', async () => {
  const words = ['fault', 'add', '--help']

  expect(await coinslot(words)).toEqual(await coinslotHere(words))
})

test('the process reports wrong usage on standard error and ends with exit code 2', async () => {
  const words = ['snapshot', 'svae']

  expect(await coinslot(words)).toEqual(await coinslotHere(words))
})

test('no help shows a default of brackets', async () => {
  expect((await coinslotHere(['workspace', 'add', '--help'])).stdout).not.toContain('default: []')
})
