import { join } from 'node:path'
import { aClient } from '../client.js'
import { inFolder } from '../folder.js'
import { aDeed, fresh, holdingsOf, type Holdings } from '../model.js'
import { bugsIn, pause, startSandbox } from '../../command.js'
import { noWrongs, type Trial, type Wrongs } from '../trial.js'

/** Expected state of the workspace that one client alone works on. */
interface Known {
  workspace: string
  now: Holdings
  snapshot: Holdings
  /** The deed whose answer was lost: both what was before and what it makes are right. */
  open: { name: string; after: Holdings; snapshot: Holdings } | undefined
}

/** kill -9 in the middle of resets, seeds, snapshots, restores and drops: each is there whole or not at all. */
export const controlCalls: Trial = {
  name: 'control',
  summary: 'kill -9 amid resets, seeds, snapshots, restores, drops and clock changes of four workspaces',
  run: (settings) =>
    inFolder(async (folder) => {
      const wrongs = noWrongs()
      const args = ['--data', join(folder, 'data')]
      const kills = settings.quick ? 3 : Math.max(3, Math.round(settings.kills / 4))
      const known: Known[] = ['a', 'b', 'c', 'd'].map((workspace) => ({ workspace, now: undefined, snapshot: undefined, open: undefined }))
      let deeds = 0
      for (let round = 0; round < kills; round += 1) {
        const sandbox = await startSandbox(settings, { args })
        for (const one of known) await compare(sandbox.url, one, wrongs)
        const work = known.map((one) => act(sandbox.url, one, { next: () => (deeds += 1), wrongs }))
        await pause(100 + Math.random() * 400)
        await sandbox.end('SIGKILL')
        await Promise.all(work)
        wrongs.crashed.push(...bugsIn(sandbox.said()))
      }
      const sandbox = await startSandbox(settings, { args })
      for (const one of known) await compare(sandbox.url, one, wrongs)
      const { code } = await sandbox.end('SIGTERM')
      if (code !== 0) wrongs.crashed.push(`the last clean stop ended with ${code}`)
      return {
        ...wrongs,
        done: `${kills} kills, ${deeds} calls`,
        found: ['each call is there whole or not at all, and what was acknowledged is there'],
      }
    }),
}

/** Sends one call after the other until the server no longer answers. */
async function act(url: string, one: Known, { next, wrongs }: { next: () => number; wrongs: Wrongs }): Promise<void> {
  const client = aClient(url)
  for (;;) {
    const deed = aDeed(one.workspace, next(), Math.random)
    if (deed.needsSnapshot && (!one.snapshot || !one.now)) continue
    const after = deed.makes(one.now, one.snapshot)
    // A dropped workspace takes its snapshots along.
    const snapshot = deed.saves ? after : after ? one.snapshot : undefined
    one.open = { name: deed.name, after, snapshot }
    try {
      const isDone = await deed.ask(client, url)
      if (!isDone && !(deed.name === 'drop' && one.now === undefined)) break
    } catch (error) {
      wrongs.unclean.push(`${deed.name}: ${String(error)}`)
    }
    Object.assign(one, { now: after, snapshot, open: undefined })
  }
  client.close()
}

async function compare(url: string, one: Known, wrongs: Wrongs): Promise<void> {
  const found = await holdingsOf(url, one.workspace)
  const { open } = one
  const text = JSON.stringify(found)
  const isBefore = text === JSON.stringify(one.now)
  const isAfter = open !== undefined && text === JSON.stringify(open.after)
  // A workspace is made first, and what made it necessary is done then.
  const isJustMade = open?.after !== undefined && one.now === undefined && text === JSON.stringify(fresh)
  if (!isBefore && !isAfter && !isJustMade) {
    wrongs.lost.push(
      `${one.workspace} holds ${text}, where ${JSON.stringify(one.now)} or after ${open?.name} ${JSON.stringify(open?.after)} must be`,
    )
  }
  // The rows do not show if the snapshot was saved, so it is saved again.
  Object.assign(one, { now: found, snapshot: open && open.snapshot !== one.snapshot ? undefined : one.snapshot, open: undefined })
}
