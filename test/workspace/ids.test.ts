import { expect, test } from 'vitest'
import { echo } from '../support/echo.js'
import { aFolder } from '../support/folder.js'
import { aSandbox, post, type SandboxWishes, type TestSandbox } from '../support/sandbox.js'

const anEcho = (wishes: SandboxWishes = {}) => aSandbox({ roster: [echo], seedDocument: {}, randomSeed: '42', ...wishes })

async function tokens(sandbox: TestSandbox, ids: readonly string[], workspace = 'default'): Promise<string[]> {
  const found: string[] = []
  for (const id of ids) {
    const reply = await sandbox.ask(`/@${workspace}/echo/echo`, post({ id }))
    found.push(((await reply.json()) as { token: string }).token)
  }
  return found
}

/** An id drawn outside of any transaction. */
const shout = async (sandbox: TestSandbox) => ((await sandbox.control('POST', 'vendors/echo/shout', { text: 'x' })) as { id: string }).id

test('two runs with one random seed draw the same ids, workspace by workspace', async () => {
  const first = await anEcho()
  const second = await anEcho()

  const mine = [await tokens(first, ['a', 'b'], 'one'), await tokens(first, ['a', 'b'], 'two')]
  const theirs = [await tokens(second, ['a', 'b'], 'two'), await tokens(second, ['a', 'b'], 'one')]

  expect(theirs.toReversed()).toEqual(mine)
  expect(new Set(mine.flat()).size).toBe(4)
})

test('other random seeds, and none at all, draw other ids', async () => {
  const runs = await Promise.all([anEcho(), anEcho({ randomSeed: '43' }), anEcho({ randomSeed: undefined })])

  const drawn = await Promise.all(runs.map((run) => tokens(run, ['a'])))

  expect(new Set(drawn.flat()).size).toBe(3)
})

test('the place in the ids survives a restart, also where the last one was drawn outside of a transaction', async () => {
  const whole = await anEcho()
  const expected = [...(await tokens(whole, ['a', 'b'])), await shout(whole), ...(await tokens(whole, ['c']))]
  const data = await aFolder()
  const before = await anEcho({ memory: false, data })
  const drawn = [...(await tokens(before, ['a', 'b'])), await shout(before)]
  await before.close()

  const after = await anEcho({ memory: false, data })

  expect([...drawn, ...(await tokens(after, ['c']))]).toEqual(expected)
})

test('a reset starts the ids again', async () => {
  const sandbox = await anEcho()
  const first = await tokens(sandbox, ['a', 'b'])

  await sandbox.control('POST', 'reset')

  expect(await tokens(sandbox, ['a', 'b'])).toEqual(first)
})

test('a reset starts ids again that were only drawn outside of transactions', async () => {
  const sandbox = await anEcho()
  const first = await shout(sandbox)

  await sandbox.control('POST', 'reset')

  expect(await shout(sandbox)).toBe(first)
})

test('a workspace that was dropped starts its ids again', async () => {
  const sandbox = await anEcho()
  const first = await tokens(sandbox, ['a'], 'ci-7')
  await sandbox.control('DELETE', 'workspaces/ci-7')

  expect(await tokens(sandbox, ['a'], 'ci-7')).toEqual(first)
})

test.each([
  ['in memory', false],
  ['on disk', true],
])('calls at once never draw the same id, %s', async (_where, onDisk) => {
  const sandbox = await anEcho(onDisk ? { memory: false, data: await aFolder() } : {})
  const ids = Array.from({ length: 300 }, (_, at) => `n${at}`)

  const drawn = await Promise.all([...ids.map((id) => tokens(sandbox, [id])), ...ids.map(async () => [await shout(sandbox)])])

  expect(new Set(drawn.flat()).size).toBe(600)
})

test('after many calls at once a restart draws ids that were not used before', async () => {
  const data = await aFolder()
  const before = await anEcho({ memory: false, data })
  const drawn = await Promise.all(Array.from({ length: 200 }, (_, at) => tokens(before, [`n${at}`])))
  await before.close()

  const after = await anEcho({ memory: false, data })
  const later = await tokens(after, ['later-1', 'later-2'])

  expect(new Set([...drawn.flat(), ...later]).size).toBe(202)
})

test('the place is never seen as a touched row', async () => {
  const sandbox = await anEcho()
  await tokens(sandbox, ['a'])

  const traffic = (await sandbox.control('GET', 'traffic')) as { entries: { rows: { table: string }[] }[] }

  expect(traffic.entries[0]?.rows.map(({ table }) => table)).toEqual(['echo.notes'])
})

test('a refused request moves the place on for good', async () => {
  const sandbox = await anEcho()
  const [first] = await tokens(sandbox, ['a'])

  const repeated = await tokens(sandbox, ['a'])
  const [next] = await tokens(sandbox, ['b'])

  expect(repeated).toEqual([first])
  expect(next).not.toBe(first)
})
