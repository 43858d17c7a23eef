import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { startRedis, type RedisServer } from '../../test/support/redis-server.js'
import { bugsIn, launch, longestStopMs, pause, startSandbox, type Sandbox } from '../command.js'
import { aClient, control, type Answered } from './client.js'
import { teak, type Kind } from './calls.js'
import { inFolder } from './folder.js'
import type { Ledger } from './ledger.js'
import { startLoad, type Load } from './load.js'
import { expectThat, type Result, type Settings, type Wrongs } from './trial.js'
import { expectVendorsWords } from './words.js'

/** Where processes of one store run. */
export interface Place {
  settings: Settings
  folder: string
  store: string
}

/** Runs a trial in a new folder where there is a `redis-server`. */
export function whereRedisIs(work: (folder: string) => Promise<Result>): Promise<Result> {
  if (!spawnSync('redis-server', ['--version']).error) return inFolder(work)
  const nothing = { lost: [], doubled: [], crashed: [], unclean: [] }
  return Promise.resolve({ ...nothing, done: 'nothing', found: [], notTried: 'there is no redis-server here' })
}

/** Starts a Redis server whose acknowledged writes are on the disk. */
export function startDurableRedis(settings: readonly string[] = []): Promise<RedisServer> {
  return startRedis(['--appendfsync', 'always', '--repl-diskless-sync-delay', '0', ...settings])
}

/** Starts a process on the store. */
export function startReplica({ settings, folder, store }: Place, number: number): Promise<Sandbox> {
  return startSandbox(settings, { args: ['--data', join(folder, `replica-${number}`), '--store', store] })
}

/** Starts several processes on the store, one after the other. */
export async function startReplicas(place: Place, count: number): Promise<Sandbox[]> {
  const replicas: Sandbox[] = []
  for (let number = 0; number < count; number += 1) replicas.push(await startReplica(place, number))
  return replicas
}

/** Kills a further process of the store while it starts. */
export async function killAtStart({ settings, folder, store }: Place): Promise<void> {
  const child = launch(settings, { args: ['--data', join(folder, 'killed'), '--store', store] })
  const gone = once(child, 'close')
  await pause(100 + Math.random() * 700)
  child.kill('SIGKILL')
  await gone
}

/** Starts a load on each process, with one ledger. */
export function loadOnEach(replicas: readonly Sandbox[], ledger: Ledger, onAnswer?: (answer: Answered, kind: Kind) => void): Load[] {
  return replicas.map(({ url }) => startLoad(url, ledger, { clients: 4, ...(onAnswer ? { onAnswer, keepsOn: true } : {}) }))
}

/** Returns a listener for answers that counts those of 500 or more, and notes each that is not in the words of its vendor. */
export function countRefusals(counts: Map<string, number>, wrongs: Wrongs): (answer: Answered, kind: Kind) => void {
  return (answer, kind) => {
    if (answer.status < 500) return
    counts.set(kind.table.split('/')[0]!, (counts.get(kind.table.split('/')[0]!) ?? 0) + 1)
    expectVendorsWords(answer, kind, wrongs)
  }
}

/** Resolves to false if a process does not report itself healthy in time. */
export async function isHealthy({ url }: Sandbox, withinMs: number): Promise<boolean> {
  for (const until = performance.now() + withinMs; performance.now() < until; await pause(50)) {
    const isGood = await control(url, 'GET', 'health').then(
      () => true,
      () => false,
    )
    if (isGood) return true
  }
  return false
}

/** Sends some acknowledged purchases again; each must be answered as repeated. */
export async function sendAgain({ url }: Sandbox, ledger: Ledger, wrongs: Wrongs): Promise<void> {
  const client = aClient(url)
  for (const id of ledger.acknowledged(teak).slice(-5)) {
    const answer = await client.ask(teak.call(id))
    const entry =
      answer?.request === undefined ? undefined : ((await control(url, 'GET', `traffic/${answer.request}`)) as { verdict: string })
    const what = () => `${id} was sent again and answered with ${answer?.status}, ${entry?.verdict ?? 'no entry'}`
    expectThat(entry?.verdict === 'repeated', wrongs.doubled, what)
  }
  client.close()
}

/** Notes bugs that a process reported. */
export function noteBugs(replicas: readonly Sandbox[], wrongs: Wrongs): void {
  for (const replica of replicas) wrongs.crashed.push(...bugsIn(replica.said()))
}

/** Stops every process; each must end with 0, in time. */
export async function stopAll(replicas: readonly Sandbox[], wrongs: Wrongs): Promise<void> {
  for (const replica of replicas) {
    const isRunning = replica.child.exitCode === null && replica.child.signalCode === null
    expectThat(isRunning, wrongs.crashed, () => `a process ended by itself: ${replica.said()}`)
    const { code, signal } = await replica.end('SIGTERM')
    const how = signal === 'SIGKILL' ? `did not end within ${longestStopMs / 1000} s` : `ended with ${code ?? signal}`
    expectThat(code === 0, wrongs.crashed, () => `the clean stop ${how}: ${replica.said()}`)
  }
  noteBugs(replicas, wrongs)
}

/** The counted refusals as text. */
export function refusalsText(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([vendor, times]) => `${vendor} ${times}`).join(', ') || 'none'
}
