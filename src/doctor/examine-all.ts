import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { sandboxUrl } from '../kernel/sandbox-url.js'
import type { Config } from '../sandbox/config.js'
import { realTime } from '../kernel/clock.js'
import { chooseVendors, loadRoster } from '../sandbox/roster.js'
import { certificateFile } from '../tls/authority-files.js'
import { neededNames } from '../tls/sandbox-authority.js'
import { notNeeded, type Check } from './check.js'
import { checkClock, checkData, checkNode } from './machine.js'
import { checkNames } from './network.js'
import { checkMainPort, checkNativePorts } from './network.js'
import { findRunning } from '../sandbox/running.js'
import { checkAuthority, checkTrust } from './trust.js'

/**
 * Runs every check for a sandbox with these settings, running or not. A set-up that uses address prefixes alone needs neither vendor
 * names nor trust, so those checks fail nothing there.
 *
 * @throws Problem if the settings name an unknown vendor or an invalid TLS name
 */
export async function examineAll(config: Config, url: string | undefined): Promise<Check[]> {
  const vendors = chooseVendors(await loadRoster(config.vendor), config.vendors)
  const address = url ?? sandboxUrl(config)
  const running = await findRunning(address, config)
  const certificate = running?.certificate ?? certificateIn(config)
  const now = realTime()
  const from = certificate === undefined ? undefined : Date.parse(new X509Certificate(certificate).validFrom)
  const usesNames = config.nativePorts || config.dnsPort !== undefined
  const usesTls = config.nativePorts || config.tls || config.tlsName.length > 0
  const names = await checkNames(vendors, new URL(address).hostname)
  const trust = [checkAuthority(certificate, neededNames(config, vendors), now), ...checkTrust(certificate)]
  return [
    checkNode(),
    await checkMainPort(config, running, url !== undefined),
    ...(await checkNativePorts(config, vendors)),
    await checkData(config, running),
    checkClock(now, running, from),
    ...(usesNames ? names : names.map(notNeeded)),
    ...(usesTls ? trust : trust.map(notNeeded)),
  ]
}

function certificateIn({ memory, data }: Config): string | undefined {
  const file = certificateFile(data)
  return !memory && existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
