import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { kinds, type Kind } from '../calls.js'
import { aClient, control, type Answered } from '../client.js'
import { inFolder } from '../folder.js'
import { fillWallet, Ledger } from '../ledger.js'
import { startLoad } from '../load.js'
import { bugsIn, startSandbox } from '../../command.js'
import { aSmallDisk } from '../small-disk.js'
import { expectVendorsWords } from '../words.js'
import { allWrongs, expectThat, noWrongs, type Settings, type Trial, type Wrongs } from '../trial.js'

/** A disk that fills up and empties, with kills on the full one. */
export const fullDisk: Trial = {
  name: 'full-disk',
  summary: 'the disk fills up under load, kills while it is full, room again',
  run: (settings) =>
    inFolder(async (folder) => {
      const disk = aSmallDisk(folder, 2048)
      if (!disk) return fileSizeLimit(settings, folder)
      const wrongs = noWrongs()
      const ledger = new Ledger()
      const refusals = new Map<string, number>()
      const rounds = settings.quick ? 1 : 6
      try {
        const args = ['--data', join(disk.directory, 'data')]
        let sandbox = await startSandbox(settings, { args })
        await fillWallet(sandbox.url)
        for (let round = 0; round < rounds; round += 1) {
          await loadUntil(sandbox.url, ledger, { kinds, refusals, wrongs }, 100)
          disk.fill()
          await loadUntil(sandbox.url, ledger, { kinds, refusals, wrongs, untilRefused: 300 })
          await readAndWrite(sandbox.url, wrongs)
          await ledger.compare(sandbox.url)
          if (round % 2 === 1) {
            await sandbox.end('SIGKILL')
            sandbox = await startSandbox(settings, { args })
            await ledger.compare(sandbox.url)
          }
          disk.makeRoom()
          if (round % 3 === 2) {
            const { code } = await sandbox.end('SIGTERM')
            expectThat(code === 0, wrongs.crashed, () => `a clean stop with room again ended with ${code}`)
            sandbox = await startSandbox(settings, { args })
          }
          const before = ledger.counts.acknowledged
          await loadUntil(sandbox.url, ledger, { kinds, refusals, wrongs }, 100)
          expectThat(ledger.counts.acknowledged > before, wrongs.unclean, () => 'nothing was written when there was room again')
          await ledger.compare(sandbox.url)
          wrongs.crashed.push(...bugsIn(sandbox.said()))
        }
        disk.fill()
        const { code } = await sandbox.end('SIGTERM')
        expectThat(code === 0, wrongs.crashed, () => `a clean stop on a full disk ended with ${code}: ${sandbox.said()}`)
        const last = await startSandbox(settings, { args })
        await ledger.compare(last.url)
        await last.end('SIGKILL')
      } finally {
        disk.remove()
      }
      const total = [...refusals].map(([name, times]) => `${name} ${times}`).join(', ')
      return {
        ...allWrongs(wrongs, ledger.wrongs),
        done: `${rounds} times full on a disk of 2 MiB`,
        found: [`refused in the vendors' words: ${total}`, `${ledger.counts.acknowledged} acknowledged, all there once`],
      }
    }),
}

interface Phase {
  kinds: readonly Kind[]
  refusals: Map<string, number>
  wrongs: Wrongs
  untilRefused?: number
}

/** Runs a load until this many calls are acknowledged, or this many were refused because the disk is full. */
async function loadUntil(url: string, ledger: Ledger, phase: Phase, acknowledged = Infinity): Promise<void> {
  let refused = 0
  let enough = () => {}
  const isEnough = new Promise<void>((resolve) => (enough = resolve))
  const onAnswer = (answer: Answered, kind: Kind) => {
    if (answer.status < 500) return
    refused += 1
    phase.refusals.set(kind.name, (phase.refusals.get(kind.name) ?? 0) + 1)
    expectVendorsWords(answer, kind, phase.wrongs)
    if (refused >= (phase.untilRefused ?? Infinity)) enough()
  }
  const load = startLoad(url, ledger, { kinds: phase.kinds, onAnswer })
  await Promise.race([load.reached(acknowledged), isEnough])
  await load.stop()
}

/** On a full disk: reading goes on, and a control call that writes is a 507. */
async function readAndWrite(url: string, wrongs: Wrongs): Promise<void> {
  await control(url, 'GET', 'traffic?limit=5')
  await control(url, 'GET', 'health')
  const client = aClient(url)
  const headers = { 'Content-Type': 'application/json' }
  const write = (method: string, path: string, body: unknown) =>
    client.ask({ method, path: `/_sandbox/${path}`, headers, body: JSON.stringify(body) })
  // A line shorter than a purchase may still fit into the journal's last page, so that is filled first.
  for (let tries = 0; tries < 100; tries += 1) if ((await write('PUT', 'clock', { now: '2026-01-01T00:00:00.000Z' }))?.status === 507) break
  for (const [method, path, body] of writes) {
    const answer = await write(method, path, body)
    const isClean = answer?.status === 507 && answer.type === 'application/problem+json'
    expectThat(isClean, wrongs.unclean, () => `${method} ${path} on a full disk: ${answer?.status} ${answer?.text}`)
  }
  client.close()
}

const longName = 'a'.repeat(400)
const writes: readonly (readonly [string, string, unknown])[] = [
  ['PUT', `tables/teak/players/123456%3A${longName}`, { gameId: '123456', userId: longName }],
  ['POST', 'seed', { teak: { players: [{ gameId: '123456', userId: `${longName}b` }] } }],
  ['PUT', 'snapshots/full', undefined],
  ['PUT', 'workspaces/full-1', {}],
  ['PUT', 'clock', { now: '2026-01-01T00:00:00.000Z' }],
]

/** Fallback where no disk can be mounted: a limit on the size of files. */
async function fileSizeLimit(settings: Settings, folder: string) {
  const wrongs = noWrongs()
  const ledger = new Ledger()
  const refusals = new Map<string, number>()
  const args = ['--data', join(folder, 'data')]
  const sandbox = await startSandbox(settings, { args, shell: 'ulimit -f 512' })
  await fillWallet(sandbox.url)
  await loadUntil(sandbox.url, ledger, { kinds, refusals, wrongs, untilRefused: 100 })
  await ledger.compare(sandbox.url)
  await sandbox.end('SIGKILL')
  const again = await startSandbox(settings, { args })
  await ledger.compare(again.url)
  await loadUntil(again.url, ledger, { kinds, refusals, wrongs }, 50)
  await ledger.compare(again.url)
  await again.end('SIGTERM')
  rmSync(join(folder, 'data'), { recursive: true })
  return {
    ...allWrongs(wrongs, ledger.wrongs),
    done: 'a file size limit of 512 KiB, as no disk may be mounted here',
    found: [`${[...refusals.values()].reduce((sum, times) => sum + times, 0)} refused in the vendors' words`],
  }
}
