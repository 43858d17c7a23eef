import { join } from 'node:path'
import { realTime } from '../kernel/clock.js'
import { InternalError } from '../kernel/problem.js'
import type { Authority } from './authority.js'
import { permittedNames, type PermittedNames } from './permitted-names.js'

/** Settings that an authority depends on. */
export interface AuthoritySettings {
  /** True to keep the authority in memory instead of below `data`. */
  memory: boolean
  data: string
  /** Further names for certificates. */
  tlsName: readonly string[]
}

/** The authority of a sandbox, opened or made when it is first asked for: most sandboxes speak plain HTTP and need none. */
export function authorityOnDemand(
  config: AuthoritySettings,
  vendors: readonly { hosts: readonly string[] }[],
  report: (message: string) => void,
): () => Promise<Authority> {
  let opened: Promise<Authority> | undefined
  const open = async () => {
    const { openAuthority } = await import('./authority.js')
    const directory = config.memory ? null : join(config.data, 'tls')
    return openAuthority({ directory, needed: neededNames(config, vendors), now: realTime, report })
  }
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw asProblem(error, config.data)
    })
    return opened
  }
}

function asProblem(error: unknown, data: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const folder = join(data, 'tls')
  const remedy = 'Give this user the right to write there, make room, or pass another --data DIR.'
  return new InternalError({
    type: 'authority',
    title: 'The certificate authority cannot be kept.',
    detail: `${folder}: ${error.message}. ${remedy}`,
  })
}

/** The names that certificates of a sandbox with these settings are asked for. */
export function neededNames(
  { tlsName }: Pick<AuthoritySettings, 'tlsName'>,
  vendors: readonly { hosts: readonly string[] }[],
): PermittedNames {
  return permittedNames(
    vendors.flatMap(({ hosts }) => [...hosts]),
    tlsName,
  )
}
