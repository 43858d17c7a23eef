import { join } from 'node:path'
import { teak } from '../calls.js'
import { manyBare, onWire } from '../bare.js'
import { aClient, control } from '../client.js'
import { inFolder } from '../folder.js'
import { fillWallet, Ledger } from '../ledger.js'
import { startLoad } from '../load.js'
import { bugsIn, pause, startSandbox } from '../../command.js'
import { allWrongs, expectThat, noWrongs, type Trial } from '../trial.js'

const limit = 100

/** File descriptors run out, with calls that need more of them, and are there again. */
export const descriptors: Trial = {
  name: 'descriptors',
  summary: `file descriptors run out (ulimit -n ${limit}) and are there again`,
  run: (settings) =>
    inFolder(async (folder) => {
      const wrongs = noWrongs()
      const ledger = new Ledger()
      const rounds = settings.quick ? 1 : 8
      let most = 0
      const args = ['--data', join(folder, 'data')]
      let sandbox = await startSandbox(settings, { args, shell: `ulimit -n ${limit}` })
      for (let round = 0; round < rounds; round += 1) {
        if (round === 1) await fillWallet(sandbox.url)
        const load = startLoad(sandbox.url, ledger, { clients: 4, keepsOn: true, ...(round === 0 && { kinds: [teak] }) })
        await load.reached(20)
        const held = await manyBare(sandbox.port, 300)
        most = Math.max(most, held.length)
        await pause(100)
        // The first control calls come with no file descriptor left.
        for (const { socket } of held) {
          if (socket.writable)
            socket.write(onWire({ method: 'PUT', path: '/_sandbox/snapshots/s', headers: { 'Content-Type': 'application/json' } }))
        }
        await pause(300)
        for (const { text } of held) {
          const status = Number(text().slice(9, 12))
          expectThat(status < 500 || status === 507 || status === 503, wrongs.unclean, () => `a snapshot was answered with ${text()}`)
        }
        for (const { socket } of held) socket.destroy()
        await load.stop()
        expectThat(sandbox.child.exitCode === null, wrongs.crashed, () => `ended: ${sandbox.said()}`)
        const status = await admitted(sandbox.url)
        expectThat(status === 200, wrongs.crashed, () => `with descriptors again a purchase was answered with ${status}`)
        await control(sandbox.url, 'PUT', 'snapshots/s').catch((error: unknown) =>
          wrongs.unclean.push(`with descriptors again: ${String(error)}`),
        )
        await ledger.compare(sandbox.url).catch((error: unknown) => wrongs.unclean.push(`with descriptors again: ${String(error)}`))
        wrongs.crashed.push(...bugsIn(sandbox.said()))
        if (round % 2 === 1) {
          await sandbox.end('SIGKILL')
          sandbox = await startSandbox(settings, { args, shell: `ulimit -n ${limit}` })
          await ledger.compare(sandbox.url)
        }
      }
      const { code } = await sandbox.end('SIGTERM')
      expectThat(code === 0, wrongs.crashed, () => `the clean stop ended with ${code}`)
      return {
        ...allWrongs(wrongs, ledger.wrongs),
        done: `${rounds} times 300 connections, each with a control call that needs a file`,
        found: ['the process lived and answered again each time', `${ledger.counts.acknowledged} acknowledged, all there once`],
      }
    }),
}

/** Status of a purchase once connections are admitted again. A busy process counts the closed ones late; the last refusal is returned if it never does. */
async function admitted(url: string): Promise<number | undefined> {
  for (const end = performance.now() + 10_000; ; await pause(50)) {
    const client = aClient(url)
    const answer = await client.ask({ ...teak.call('after'), headers: { 'Content-Type': 'application/json', Connection: 'close' } })
    client.close()
    if (answer?.status !== 503 || performance.now() > end) return answer?.status
  }
}
