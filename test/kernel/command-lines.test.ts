import { expect, test } from 'vitest'
import { caCommand } from '../../src/cli/ca.js'
import { clockCommand } from '../../src/cli/clock.js'
import { keyCommand, tokenCommand } from '../../src/cli/credentials.js'
import { faultCommand } from '../../src/cli/fault.js'
import { hostsCommand } from '../../src/cli/hosts.js'
import { inspectCommand } from '../../src/cli/inspect.js'
import { storeCommand } from '../../src/cli/marketplace.js'
import { mintCommand } from '../../src/cli/mint.js'
import { requestsCommand } from '../../src/cli/requests.js'
import { rowsCommand } from '../../src/cli/rows.js'
import { seedCommand } from '../../src/cli/seed.js'
import { sessionCommand } from '../../src/cli/session.js'
import { resetCommand, snapshotCommand } from '../../src/cli/state.js'
import { verifyCommand } from '../../src/cli/verify.js'
import { webhookCommand } from '../../src/cli/webhook.js'
import { workspaceCommand } from '../../src/cli/workspace.js'
import { withWorkspace, workspaceCommands } from '../../src/kernel/command-lines.js'
import { aSandbox, post } from '../support/sandbox.js'

test.each([
  ['"coinslot store app_store up" ends this.', '"coinslot store app_store up --workspace ci-7" ends this.'],
  ['a receipt of `coinslot mint app_store`', 'a receipt of `coinslot mint app_store --workspace ci-7`'],
  ['(mint one: coinslot mint google_play)', '(mint one: coinslot mint google_play --workspace ci-7)'],
  ['coinslot mint ouya prints a whole form', 'coinslot mint ouya --workspace ci-7 prints a whole form'],
  [
    'Use "coinslot requests" or "coinslot rows teak players".',
    'Use "coinslot requests --workspace ci-7" or "coinslot rows teak players --workspace ci-7".',
  ],
  ['"coinslot hosts" and "coinslot workspace list"', '"coinslot hosts" and "coinslot workspace list"'],
  ['"coinslot rowsx" and coinslot rows', '"coinslot rowsx" and coinslot rows'],
])('the commands of %s get the workspace', (sentence, expected) => {
  expect(withWorkspace(sentence, 'ci-7')).toBe(expected)
  expect(withWorkspace(sentence, 'default')).toBe(sentence)
})

test('the commands that get a workspace are those that take --workspace and are about one', () => {
  const one = [caCommand(), clockCommand(), faultCommand(), hostsCommand(), inspectCommand(), keyCommand(), mintCommand()]
  const other = [requestsCommand(), resetCommand(), rowsCommand(), seedCommand(), sessionCommand(), snapshotCommand(), storeCommand()]
  const all = [...one, ...other, tokenCommand(), verifyCommand(), webhookCommand(), workspaceCommand()]
  const taking = all.filter((command) =>
    [command, ...command.commands].some(({ options }) => options.some(({ long }) => long === '--workspace')),
  )

  // "coinslot ca" takes it for its address alone; the authority is the same in every workspace.
  expect(new Set(taking.map((command) => command.name()))).toEqual(new Set([...workspaceCommands, 'ca']))
})

test('explanations and problems name commands that work on the workspace of the request', async () => {
  const sandbox = await aSandbox()
  const entryOf = async (workspace: string) => {
    const sent = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-9', amount: 1 }
    const reply = await sandbox.ask(`/@${workspace}/teak/v2/purchase`, post(sent))
    const id = reply.headers.get('x-sandbox-request')
    return (await (await sandbox.ask(`/@${workspace}/_sandbox/traffic/${id}`)).json()) as { explanation: string }
  }
  const problem = async (workspace: string, path: string) =>
    ((await (await sandbox.ask(`/@${workspace}/_sandbox/${path}`)).json()) as { detail: string }).detail

  expect((await entryOf('ci-7')).explanation).toContain('("coinslot seed FILE --workspace ci-7")')
  expect((await entryOf('default')).explanation).toContain('("coinslot seed FILE")')
  expect(await problem('ci-7', 'snapshots/none')).toContain('"coinslot snapshot list --workspace ci-7"')
  expect(await problem('ci-7', 'tables/teak/players/none')).toContain('"coinslot rows teak players --workspace ci-7"')
  expect(await problem('ci-7', 'traffic/r-9')).toContain('"coinslot requests --workspace ci-7"')
  expect(await problem('default', 'snapshots/none')).toContain('"coinslot snapshot list"')
})

test('the accepted value of a refused request names a command with its workspace', async () => {
  const sandbox = await aSandbox()
  const reply = await sandbox.ask('/@ci-7/app_store/verifyReceipt', post({ 'receipt-data': 'AAAA' }))
  const id = reply.headers.get('x-sandbox-request')
  const entry = (await (await sandbox.ask(`/@ci-7/_sandbox/traffic/${id}`)).json()) as { expected: object[] }

  expect(entry.expected).toMatchObject([{ expected: 'a receipt of `coinslot mint app_store --workspace ci-7`' }])
})
