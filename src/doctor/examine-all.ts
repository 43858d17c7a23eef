import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { Config } from '../config.js'
import { realTime } from '../kernel/clock.js'
import { chooseVendors, loadRoster } from '../roster.js'
import { certificateFile } from '../tls/authority-files.js'
import { neededNames } from '../tls/sandbox-authority.js'
import type { Check } from './check.js'
import { checkClock, checkData, checkNode } from './machine.js'
import { checkNames } from './names.js'
import { checkMainPort, checkNativePorts } from './ports.js'
import { findRunning } from './running.js'
import { checkAuthority, checkTrust } from './trust.js'

/**
 * Everything the doctor looks at, for a sandbox with these settings, running or not.
 *
 * @throws Problem when the settings name a vendor or a TLS name that is none
 */
export async function examineAll(config: Config, url: string | undefined): Promise<Check[]> {
  const vendors = chooseVendors(await loadRoster(config.vendor), config.vendors)
  const address = url?.replace(/\/+$/, '') ?? `http://${urlHost(config.host)}:${config.port}`
  const running = await findRunning(address, config)
  const certificate = running?.certificate ?? certificateIn(config)
  const now = realTime()
  const from = certificate === undefined ? undefined : Date.parse(new X509Certificate(certificate).validFrom)
  return [
    checkNode(),
    await checkMainPort(config, running, url !== undefined),
    ...(await checkNativePorts(config, vendors)),
    await checkData(config, running),
    checkClock(now, running, from),
    ...(await checkNames(vendors, new URL(address).hostname)),
    checkAuthority(certificate, neededNames(config, vendors), now),
    ...checkTrust(certificate),
  ]
}

function certificateIn({ memory, data }: Config): string | undefined {
  const file = certificateFile(data)
  return !memory && existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
