import { createRequire } from 'node:module'
import type Semver from 'semver'
import type { Request } from '../../kernel/request.js'

/** The vendor's versions (vendor page, rest-api). */
export const versions = ['1.0.0', '2.0.0', '2.1.0', '2.2.0'] as const
export type Version = (typeof versions)[number]

/** The version of requests that name none. */
export const newestVersion: Version = '2.2.0'

/** The version of a request, or the range that no version satisfies. */
export type VersionChoice = { ok: true; version: Version } | { ok: false; asked: string }

/** Chooses as restify does: a range in `Accept-Version`, else in `X-Api-Version`, gets the highest version that satisfies it. */
export function chooseVersion(request: Request): VersionChoice {
  const asked = request.header('accept-version') || request.header('x-api-version')
  if (!asked) return { ok: true, version: newestVersion }
  const version = versions.find((one) => one === asked) ?? (asked.length > longestRange ? null : highestIn(asked))
  return version === null ? { ok: false, asked } : { ok: true, version }
}

/** True for versions with experiments: `common.expId` in requests and `experiment` in replies. */
export function hasExperiments(version: Version): boolean {
  return version !== '1.0.0'
}

const require = createRequire(import.meta.url)

/** Loads semver only for ranges, because most requests send a version. */
function highestIn(range: string): Version | null {
  const semver = require('semver') as typeof Semver
  return semver.maxSatisfying(versions, range)
}

// Longer than any useful range, and short enough to parse quickly.
const longestRange = 256
