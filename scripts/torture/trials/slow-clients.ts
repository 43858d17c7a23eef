import { join } from 'node:path'
import { kinds, teak } from '../calls.js'
import { bare, manyBare, onWire, type Bare } from '../bare.js'
import { aClient } from '../client.js'
import { inFolder } from '../folder.js'
import { fillWallet, Ledger } from '../ledger.js'
import { startLoad } from '../load.js'
import { bugsIn, descriptorsLeft, fewDescriptors, openDescriptors, pause, startSandbox } from '../../command.js'
import { allWrongs, expectThat, noWrongs, type Trial, type Wrongs } from '../trial.js'

/** Clients that trickle, stall, leave halfway, shut their half, or send many requests at once, among ordinary ones. */
export const slowClients: Trial = {
  name: 'slow-clients',
  summary: 'trickling, stalled, half-open, pipelining and resetting clients among ordinary ones',
  run: (settings) =>
    inFolder(async (folder) => {
      const wrongs = noWrongs()
      const ledger = new Ledger()
      const each = settings.quick ? 10 : 300
      const patience = 3_000
      const sandbox = await startSandbox(settings, {
        args: ['--data', join(folder, 'data'), '--request-timeout', String(patience), '--idle-timeout', String(patience)],
      })
      await fillWallet(sandbox.url)
      const atRest = openDescriptors(sandbox.child)
      const load = startLoad(sandbox.url, ledger, { clients: 4 })
      const waits: number[] = []
      const probe = setInterval(() => void probeOnce(sandbox.url, waits, wrongs), 100)
      const parts: [string, (port: number, wrongs: Wrongs) => Promise<void>][] = [
        ['trickled a whole request', trickle],
        ['stalled in the head', (port, found) => stalled(port, 'POST /teak/v2/purchase HT', found)],
        ['stalled in the body', (port, found) => stalled(port, `${head}Content-Length: 100\r\n\r\n{"a`, found)],
        ['shut their half', halfOpen],
        ['reset in the body', resetInBody],
        ['sent twenty requests at once', pipelined],
        ['sent a request and never read the answer', neverReads],
      ]
      for (let from = 0; from < each; from += 50) {
        const clients = Array.from({ length: Math.min(50, each - from) }, () => parts.map(([, play]) => play(sandbox.port, wrongs)))
        await Promise.all(clients.flat())
      }
      clearInterval(probe)
      await load.stop()
      await ledger.compare(sandbox.url)
      await pause(patience)
      const left = await descriptorsLeft(sandbox.child, atRest)
      expectThat(left <= fewDescriptors, wrongs.unclean, () => `${left} connections are still open`)
      expectThat(sandbox.child.exitCode === null, wrongs.crashed, () => `ended: ${sandbox.said()}`)
      wrongs.crashed.push(...bugsIn(sandbox.said()))
      const { code } = await sandbox.end('SIGTERM')
      expectThat(code === 0, wrongs.crashed, () => `the clean stop ended with ${code}`)
      waits.sort((a, b) => a - b)
      return {
        ...allWrongs(wrongs, ledger.wrongs),
        done: `${each} clients each that ${parts.map(([name]) => name).join(', ')}`,
        found: [
          `ordinary requests in between: median ${Math.round(waits[waits.length >> 1]!)} ms, slowest ${Math.round(waits.at(-1)!)} ms`,
          'stalled ones got 408; no connection was left behind',
          `${ledger.counts.acknowledged} acknowledged, all there once`,
        ],
      }
    }),
}

const head = 'POST /teak/v2/purchase HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n'

async function probeOnce(url: string, waits: number[], wrongs: Wrongs): Promise<void> {
  const client = aClient(url)
  const began = performance.now()
  const answer = await client.ask(teak.call('probe'))
  waits.push(performance.now() - began)
  client.close()
  expectThat(answer?.status === 200, wrongs.unclean, () => `an ordinary request was answered with ${answer?.status}`)
}

/** One byte at a time, head and body. */
async function trickle(port: number, wrongs: Wrongs): Promise<void> {
  const { socket, got, text } = await bare(port)
  for (const letter of onWire(teak.call('trickle'))) {
    socket.write(letter)
    await pause(1)
  }
  expectThat(await got(/^HTTP\/1\.1 200 /, 10_000), wrongs.unclean, () => `a trickled request was answered with "${text()}"`)
  socket.destroy()
}

async function stalled(port: number, part: string, wrongs: Wrongs): Promise<void> {
  const client = await bare(port)
  client.socket.write(part)
  const end = await client.ended(12_000)
  const isClean = end === 'closed' && /^HTTP\/1\.1 408 [^]*application\/problem\+json/.test(client.text())
  expectThat(isClean, wrongs.unclean, () => `a stalled client was ${end ?? 'left alone'} with "${client.text()}"`)
}

/** The client says that it sends no more, and reads on. */
async function halfOpen(port: number, wrongs: Wrongs): Promise<void> {
  const client = await bare(port)
  client.socket.end(onWire(teak.call('half-open')))
  expectThat(await client.got(/^HTTP\/1\.1 200 /, 10_000), wrongs.unclean, () => `a half-open client was answered with "${client.text()}"`)
  const silent = await bare(port)
  silent.socket.end()
  const cut = await bare(port)
  cut.socket.end('POST /teak/v2/pur')
  for (const one of [silent, cut]) {
    expectThat((await one.ended(10_000)) !== undefined, wrongs.unclean, () => 'a connection that was half closed was left open')
  }
}

async function resetInBody(port: number): Promise<void> {
  const { socket } = await bare(port)
  socket.write(`${head}Content-Length: 1000\r\n\r\n{"game_id":`)
  await pause(5)
  socket.resetAndDestroy()
}

/** Pipelined requests are answered in order. */
async function pipelined(port: number, wrongs: Wrongs): Promise<void> {
  const client = await bare(port)
  const calls = Array.from({ length: 20 }, (_none, at) => kinds[at % 2]!.call(`pipelined-${at}`))
  client.socket.write(calls.map(onWire).join(''))
  await client.came((text) => text.split('HTTP/1.1 ').length > calls.length, 5_000)
  const statuses = [...client.text().matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
  const isInOrder = statuses.length === 20 && statuses.every((status, at) => status === (at % 2 === 0 ? '200' : '403'))
  expectThat(isInOrder, wrongs.unclean, () => `pipelined requests were answered with ${statuses.join(' ')}`)
  client.socket.destroy()
}

/** Asks for far more than fits a socket's buffers and reads none of it. */
async function neverReads(port: number): Promise<void> {
  const [client] = (await manyBare(port, 1)) as [Bare?]
  if (!client) return
  client.socket.pause()
  client.socket.write(onWire({ method: 'GET', path: '/_sandbox/openapi.json' }).repeat(2))
  await pause(200)
  client.socket.destroy()
}
