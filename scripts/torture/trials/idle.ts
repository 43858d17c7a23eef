import { join } from 'node:path'
import { manyBare, onWire } from '../bare.js'
import { teak } from '../calls.js'
import { flood } from '../flood.js'
import { inFolder } from '../folder.js'
import { bugsIn, descriptorsLeft, fewDescriptors, openDescriptors, pause, residentMegabytes, startSandbox } from '../../command.js'
import { expectThat, noWrongs, type Trial } from '../trial.js'

/** Ten thousand connections that do nothing while others are served. */
export const idle: Trial = {
  name: 'idle',
  summary: 'idle connections while others are served',
  run: (settings) =>
    inFolder(async (folder) => {
      const wrongs = noWrongs()
      const wanted = settings.quick ? 300 : 10_000
      const sandbox = await startSandbox(settings, {
        args: ['--data', join(folder, 'data'), '--idle-timeout', '600000', '--request-timeout', '600000'],
        shell: 'ulimit -n 16000 2>/dev/null || ulimit -n "$(ulimit -Hn)"',
      })
      const { port, child } = sandbox
      const requests = settings.quick ? 500 : 20_000
      const text = () => onWire(teak.call('one'))
      const alone = await flood(port, requests, { clients: 16, text })
      const before = { rss: residentMegabytes(child), files: openDescriptors(child) }
      const held = await manyBare(port, wanted)
      await pause(500)
      const withIdle = { rss: residentMegabytes(child), files: openDescriptors(child) }
      const among = await flood(port, requests, { clients: 16, text })
      // Every one of them is still good for a request.
      for (const { socket } of held) socket.write(text())
      let answered = 0
      for (const one of held) answered += Number(await one.got(/^HTTP\/1\.1 200 /, 10_000))
      expectThat(held.length === wanted, wrongs.unclean, () => `${held.length} of ${wanted} connections were taken`)
      expectThat(answered === held.length, wrongs.unclean, () => `${answered} of ${held.length} idle connections were answered`)
      for (const flooded of [alone, among]) {
        expectThat(flooded.answers.get(200) === requests, wrongs.unclean, () => `answers were ${JSON.stringify([...flooded.answers])}`)
      }
      for (const { socket } of held) socket.destroy()
      const left = await descriptorsLeft(child, before.files)
      expectThat(left <= fewDescriptors, wrongs.unclean, () => `${left} connections are still open after their clients left`)
      const after = residentMegabytes(child)
      wrongs.crashed.push(...bugsIn(sandbox.said()))
      const { code } = await sandbox.end('SIGTERM')
      expectThat(code === 0, wrongs.crashed, () => `the clean stop ended with ${code}`)
      const rate = ({ tookMs }: { tookMs: number }) => Math.round(requests / (tookMs / 1000))
      return {
        ...wrongs,
        done: `${held.length} connections`,
        found: [
          `resident memory ${before.rss} MB before, ${withIdle.rss} MB with them, ${after} MB after`,
          `${rate(alone)} requests a second without, ${rate(among)} among them`,
          `${answered} idle ones answered afterwards`,
        ],
      }
    }),
}
