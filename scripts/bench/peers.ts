import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { teakPurchase } from './calls.js'
import { measured, median, type Figure } from './figure.js'
import { press, pressAfresh } from './load.js'
import { peerList, type Peer } from './peer-list.js'
import { startCoinslot, startOn, type Server } from './processes.js'
import type { Section } from './section.js'

/** The mock servers people would pick instead, each set up to answer a Teak purchase as well as it can. */
export const peers: Section = {
  id: 'peers',
  title: 'A Teak purchase, 16 connections, against mock servers from npm (coinslot checks, records and explains; they answer)',
  async run(pace, say) {
    const folder = mkdtempSync(join(tmpdir(), 'coinslot-peers-'))
    install(folder, say)
    const coinslot = await startCoinslot(['--data', join(folder, 'data')])
    const ratios = new Map<string, number[]>()
    for (const peer of peerList) {
      const running = await startPeer(peer, folder).catch((error: unknown) => {
        say(`${peer.name}: not measured, ${String(error)}`)
        return undefined
      })
      if (!running) continue
      const found = await compare(coinslot, running, peer, pace)
      await running.stop('SIGKILL')
      say(
        `${peer.name.padEnd(24)} ${median(found.theirs).toFixed(0)}/s   coinslot beside it ${median(found.ours).toFixed(0)}/s${peer.note ? `   (${peer.note})` : ''}`,
      )
      ratios.set(
        peer.name,
        found.ours.map((rate, round) => rate / found.theirs[round]!),
      )
    }
    await coinslot.stop()
    rmSync(folder, { recursive: true, force: true })
    const figures: Figure[] = [...ratios].map(([name, values]) => ({
      name: `coinslot to ${name}`,
      ...measured(values),
      unit: '×',
      atLeast: 4,
    }))
    if (ratios.size > 0)
      figures.push({ name: 'coinslot to the median of them', value: median([...ratios.values()].map(median)), unit: '×', atLeast: 12 })
    return figures
  },
}

async function compare(coinslot: Server, peer: Server, { path, call = teakPurchase }: Peer, pace: { seconds: number; rounds: number }) {
  const theirs = { ...call, path }
  await press(peer.url, theirs, { connections: 16, seconds: 1 })
  await pressAfresh(coinslot.url, teakPurchase, { connections: 16, seconds: 1 })
  const rates: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] }
  for (let round = 0; round < pace.rounds; round++) {
    rates.theirs.push((await press(peer.url, theirs, { connections: 16, seconds: pace.seconds })).rate)
    rates.ours.push((await pressAfresh(coinslot.url, teakPurchase, { connections: 16, seconds: pace.seconds })).rate)
  }
  return rates
}

function install(folder: string, say: (line: string) => void): void {
  const packages = [...new Set(peerList.flatMap(({ packages: names }) => names))]
  say(`installing ${packages.join(', ')} into a temporary folder`)
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
  const done = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (done.status !== 0) throw new Error('npm could not install the peers')
}

async function startPeer({ name, files, args }: Peer, folder: string): Promise<Server> {
  const port = await freePort()
  const own = join(folder, name.replaceAll(/\W+/g, '-'))
  mkdirSync(own, { recursive: true })
  for (const [file, text] of Object.entries(files(port))) writeFileSync(join(own, file), text)
  const [script, ...rest] = args(port)
  return startOn(port, process.execPath, [script!.startsWith('./') ? script! : join(folder, 'node_modules', script!), ...rest], own)
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
