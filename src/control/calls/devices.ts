import { isIPv4 } from 'node:net'
import { z } from 'zod'
import type { ControlContext } from '../context.js'
import { interfaceAddresses } from '../../kernel/addresses.js'
import { controlCall } from '../call.js'
import { isControlHost, isLoopback } from '../guard.js'

/** Addresses and names that a device needs to connect. */
export const devicesShape = z.object({
  workspace: z.string().describe('Workspace of this call'),
  version: z.string(),
  host: z.string().describe('Address that the sandbox is bound to'),
  isReachable: z.boolean().describe('True if other machines can connect'),
  tls: z.boolean().describe('True if the main port accepts TLS'),
  nativePorts: z.boolean(),
  addresses: z.array(
    z.object({ address: z.string(), isControl: z.boolean().describe('True if the control API accepts this address as Host') }),
  ),
  hosts: z.array(z.string()).describe('Host names of the vendors that are on'),
  callers: z
    .array(
      z.object({
        address: z.string(),
        count: z.number(),
        last: z.object({ id: z.string(), workspace: z.string(), vendor: z.string().nullable(), at: z.iso.datetime() }),
      }),
    )
    .describe('Other machines that sent the kept requests'),
})

/** Connection data for devices, and the devices that have called. */
export const deviceCalls = [
  controlCall({
    method: 'GET',
    path: '/devices',
    tag: 'inspector',
    summary: 'Addresses and names for connecting a device, and the devices that have called',
    answers: { 200: { description: 'Connection data', schema: devicesShape } },
    async handle({ context, workspaceName }) {
      await context.workspaces.catchUp()
      const { host, controlHosts, tls, nativePorts } = context.reach
      // The page proposes to bind all of IPv4; `::` takes both families.
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

/** True for an address of this machine, or one that is not valid on another machine. */
function isLocal(address: string): boolean {
  return isLoopback(nameOf(address)) || address.startsWith('fe80:')
}

/** The address as it is written in a Host header. */
function nameOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
