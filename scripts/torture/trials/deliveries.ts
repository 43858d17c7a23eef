import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { mbaasy } from '../calls.js'
import { control } from '../client.js'
import { inFolder } from '../folder.js'
import { Ledger } from '../ledger.js'
import { startLoad } from '../load.js'
import { bugsIn, pause, startSandbox } from '../../command.js'
import { allWrongs, noWrongs, type Trial } from '../trial.js'

const appFamilyId = '0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01'

/** kill -9 while webhooks are sent to a server that fails now and then: every acknowledged order is delivered in the end. */
export const deliveries: Trial = {
  name: 'deliveries',
  summary: 'kill -9 while webhooks are sent to a server that fails every third time',
  run: (settings) =>
    inFolder(async (folder) => {
      const wrongs = noWrongs()
      const ledger = new Ledger()
      const receiver = await aReceiver()
      const args = ['--data', join(folder, 'data')]
      const kills = settings.quick ? 2 : Math.max(2, Math.round(settings.kills / 10))
      let sandbox = await startSandbox(settings, { args })
      await control(sandbox.url, 'POST', 'seed', { mbaasy: { webhooks: [{ appFamilyId, name: 'main', url: receiver.url, hmacKey: 'k' }] } })
      for (let round = 0; round < kills; round += 1) {
        const load = startLoad(sandbox.url, ledger, { kinds: [mbaasy], clients: 4 })
        await load.reached(10)
        await pause(Math.random() * 200)
        await sandbox.end('SIGKILL')
        await load.stop()
        wrongs.crashed.push(...bugsIn(sandbox.said()))
        sandbox = await startSandbox(settings, { args })
        await ledger.compare(sandbox.url)
      }
      // Past every retry, and once more for those that failed on the way.
      for (let day = 0; day < 4; day += 1) await control(sandbox.url, 'POST', 'clock/advance', { duration: 'P1D' })
      for (const id of ledger.acknowledged()) if (!receiver.told.has(id)) wrongs.lost.push(`no webhook for order ${id}`)
      const { code } = await sandbox.end('SIGTERM')
      if (code !== 0) wrongs.crashed.push(`the last clean stop ended with ${code}`)
      receiver.close()
      const again = [...receiver.told.values()].filter((times) => times > 1).length
      return {
        ...allWrongs(wrongs, ledger.wrongs),
        done: `${kills} kills, ${ledger.counts.acknowledged} orders`,
        found: [`every acknowledged order was told; ${again} more than once, as an answer that a kill swallowed is asked for again`],
      }
    }),
}

/** A server that notes which orders it accepted, and refuses every third call. */
async function aReceiver(): Promise<{ url: string; told: Map<string, number>; close: () => void }> {
  const told = new Map<string, number>()
  const failed = new Map<string, number>()
  let calls = 0
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part: Buffer) => (text += part.toString()))
    request.on('end', () => {
      const id = /"(torture-\d+)"/.exec(text)?.[1] ?? ''
      // No order more than twice, as one that fails on every retry is given up by right.
      if ((calls += 1) % 3 === 0 && (failed.get(id) ?? 0) < 2) {
        failed.set(id, (failed.get(id) ?? 0) + 1)
        return void response.writeHead(500).end()
      }
      told.set(id, (told.get(id) ?? 0) + 1)
      response.writeHead(200).end()
    })
  })
  await new Promise<void>((resume) => server.listen(0, '127.0.0.1', resume))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    told,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
