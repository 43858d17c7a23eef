// Child process with the ports that tls.ts compares: prints their numbers and exits when its input ends.
import { createServer as createPlain } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { configSchema } from '../../src/sandbox/config.js'
import { startSandbox } from '../../src/sandbox/start.js'
import { leavesOf } from '../../src/tls/leaves.js'

const running = await startSandbox({
  config: configSchema.parse({ memory: true, port: 0, tls: true, log: 'silent', trafficLimit: 100 }),
  report: (message) => process.stderr.write(`${message}\n`),
})
const authority = await running.sandbox.context.authority()
const { nameless } = leavesOf(authority, ['127.0.0.1'], Date.now)
const listener = running.sandbox.listener()

const ports = {
  shared: running.ports.main.port,
  http: await listening(createPlain(listener)),
  https: await listening(createSecure({ ...nameless, minVersion: 'TLSv1.2' }, listener)),
}
process.stdout.write(`${JSON.stringify(ports)}\n`)
process.stdin.resume().once('end', () => process.exit(0))

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}
