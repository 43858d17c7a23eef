import { join } from 'node:path'
import { onWire } from '../bare.js'
import { kinds, teak } from '../calls.js'
import { control } from '../client.js'
import { flood } from '../flood.js'
import { inFolder } from '../folder.js'
import { bugsIn, residentMegabytes, startSandbox, type Sandbox } from '../../command.js'
import { expectThat, noWrongs, type Settings, type Trial, type Wrongs } from '../trial.js'

/** An hour's worth of traffic in minutes: memory must find its level. */
export const memory: Trial = {
  name: 'memory',
  summary: "an hour's worth of traffic in minutes",
  run: async (settings) => {
    const wrongs = noWrongs()
    const requests = settings.quick ? 5_000 : 300_000
    const found: string[] = []
    for (const isKept of [false, true]) {
      for (const workspaces of [1, settings.quick ? 20 : 1_000]) {
        found.push(await inFolder((folder) => measure(settings, { folder, isKept, workspaces, requests, wrongs })))
        settings.say(found.at(-1)!)
      }
    }
    return { ...wrongs, done: `4 times ${requests} requests`, found }
  },
}

interface Measurement {
  folder: string
  isKept: boolean
  workspaces: number
  requests: number
  wrongs: Wrongs
}

/** Megabytes that Node may use for objects. */
const smallHeap = 256

/** Parts of the traffic between which memory is looked at. */
const parts = 10

async function measure(settings: Settings, { folder, isKept, workspaces, requests, wrongs }: Measurement): Promise<string> {
  const sandbox = await startSandbox(settings, {
    args: isKept ? ['--data', join(folder, 'data')] : ['--memory'],
    // Many workspaces must do with little memory as well.
    env: workspaces > 1 ? { NODE_OPTIONS: `--max-old-space-size=${smallHeap}` } : {},
  })
  const atFirst = residentMegabytes(sandbox.child) ?? 0
  let most = atFirst
  const sampling = setInterval(() => (most = Math.max(most, residentMegabytes(sandbox.child) ?? 0)), 100)
  const levels: number[] = []
  // Sent again and again under few ids, so that what grows is not the rows.
  const text = (number: number) => {
    const kind = number % 10 === 0 ? kinds[1]! : teak
    const call = kind.call(`memory-${number % 500}`)
    return onWire({ ...call, path: `/@w-${number % workspaces}${call.path}` })
  }
  let tookMs = 0
  for (let part = 0; part < parts; part += 1) {
    const done = await flood(sandbox.port, requests / parts, { clients: 32, text: (number) => text(part * (requests / parts) + number) })
    tookMs += done.tookMs
    const answered = (done.answers.get(200) ?? 0) + (done.answers.get(403) ?? 0)
    expectThat(answered === requests / parts, wrongs.unclean, () => `answers were ${JSON.stringify([...done.answers])}`)
    levels.push(residentMegabytes(sandbox.child) ?? 0)
  }
  clearInterval(sampling)
  await checkTraffic(sandbox, wrongs)
  const what = `${isKept ? 'directory' : '--memory'}, ${workspaces} workspace${workspaces > 1 ? `s, heap of ${smallHeap} MB` : ''}`
  // Young garbage comes and goes; what stays shows in the second half.
  const [half, end] = [Math.max(...levels.slice(2, 5)), levels.at(-1)!]
  expectThat(end <= half * 1.3 + 30, wrongs.unclean, () => `${what}: ${levels.join(', ')} MB, and still growing`)
  wrongs.crashed.push(...bugsIn(sandbox.said()))
  const { code } = await sandbox.end('SIGTERM')
  expectThat(code === 0, wrongs.crashed, () => `the clean stop ended with ${code}`)
  return `${what}: ${atFirst} MB at first, ${most} at most, ${end} at the end, ${Math.round(requests / (tookMs / 1000))} requests a second`
}

async function checkTraffic(sandbox: Sandbox, wrongs: Wrongs): Promise<void> {
  const { total, dropped } = (await control(`${sandbox.url}/@w-0`, 'GET', 'traffic?limit=1')) as { total: number; dropped: number }
  expectThat(total <= 1_000, wrongs.unclean, () => `${total} entries are kept, ${dropped} dropped`)
}
