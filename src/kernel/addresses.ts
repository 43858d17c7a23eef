import { networkInterfaces } from 'node:os'

/** The addresses by which a sandbox bound to `host` is reached without a name. */
export function reachableAddresses(host: string): string[] {
  const bound = host === '0.0.0.0' || host === '::' ? interfaceAddresses() : /^[\d.]+$|:/.test(host) ? [host] : []
  return [...new Set(['127.0.0.1', '::1', ...emulatorHosts, ...bound])]
}

/** The addresses of this machine's interfaces, without zones. */
export function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address.split('%')[0]!))
}

/** Under these names an Android emulator (Google's, Genymotion's) reaches its host's loopback address. */
const emulatorHosts = ['10.0.2.2', '10.0.3.2']
