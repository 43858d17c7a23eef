import { isIPv4 } from 'node:net'
import { z } from 'zod'
import type { ControlContext } from '../context.js'
import { interfaceAddresses } from '../../tls/addresses.js'
import { controlCall } from '../call.js'
import { isControlHost, isLoopback } from '../guard.js'

/** What connecting a device takes. */
export const devicesShape = z.object({
  workspace: z.string().describe('The one that this call was for'),
  version: z.string(),
  host: z.string().describe('The address that the sandbox is bound to'),
  isReachable: z.boolean().describe('Whether other machines reach it'),
  tls: z.boolean().describe('Whether the main port speaks TLS'),
  nativePorts: z.boolean(),
  addresses: z.array(z.object({ address: z.string(), isControl: z.boolean().describe('The control API answers under it') })),
  hosts: z.array(z.string()).describe('Host names of the vendors that are on'),
  callers: z
    .array(
      z.object({
        address: z.string(),
        count: z.number(),
        last: z.object({ id: z.string(), workspace: z.string(), vendor: z.string().nullable(), at: z.iso.datetime() }),
      }),
    )
    .describe('Other machines that kept requests came from'),
})

/** How a device reaches the sandbox, and which ones have. */
export const deviceCalls = [
  controlCall({
    method: 'GET',
    path: '/devices',
    tag: 'inspector',
    summary: 'Addresses and names for connecting a device, and the devices that have called',
    answers: { 200: { description: 'What to set up on a device', schema: devicesShape } },
    async handle({ context, workspaceName }) {
      await context.workspaces.catchUp()
      const { host, controlHosts, tls, nativePorts } = context.reach
      // All of IPv4 is also what the page proposes to bind; `::` takes both families.
      const outside = interfaceAddresses().filter((address) => !isLocal(address) && (host === '::' || isIPv4(address)))
      const bindsAll = host === '0.0.0.0' || host === '::'
      const bound = bindsAll ? outside : interfaceAddresses().filter((address) => address === host && !isLocal(address))
      return {
        workspace: workspaceName,
        version: context.version,
        host,
        isReachable: bound.length > 0,
        tls,
        nativePorts,
        addresses: (bound.length > 0 ? bound : outside).map((address) => ({
          address,
          isControl: isControlHost(nameOf(address), controlHosts),
        })),
        hosts: [...new Set(context.vendors.flatMap((vendor) => vendor.hosts))],
        callers: callersOf(context),
      }
    },
  }),
]

function callersOf(context: ControlContext): z.infer<typeof devicesShape>['callers'] {
  const found = new Map<string, z.infer<typeof devicesShape>['callers'][number]>()
  for (const { traffic } of context.workspaces.opened()) {
    for (const { head, id, workspace, vendor, at } of traffic.kept()) {
      const address = head.address.replace(/^::ffff:/, '')
      if (address === '' || isLocal(address)) continue
      const known = found.get(address)
      found.set(address, { address, count: (known?.count ?? 0) + 1, last: { id, workspace, vendor, at: new Date(at).toISOString() } })
    }
  }
  return [...found.values()]
}

/** This machine itself, or an address that means nothing on another one. */
function isLocal(address: string): boolean {
  return isLoopback(nameOf(address)) || address.startsWith('fe80:')
}

/** An address as a Host header names it. */
function nameOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
