import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Sandbox } from '../../src/sandbox/sandbox.js'
import type { OpenPort } from '../../src/workspace/claims/claimed-ports.js'

/** Opens real ports of 127.0.0.1 for the workspaces of a sandbox; those left open are closed when the test ends. */
export function realPorts(sandbox: Sandbox): OpenPort {
  return async (port, workspace) => {
    const server = createServer(sandbox.listener(workspace))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    const close = () => {
      server.closeIdleConnections()
      return new Promise<void>((closed) => server.close(() => closed()))
    }
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    return { port: (server.address() as AddressInfo).port, close }
  }
}
