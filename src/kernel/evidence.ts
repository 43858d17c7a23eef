/** The levels of evidence, the surest first. */
export const evidenceLevels = [
  /** Written in the vendor's own documentation. */
  'documented',
  /** Read in the vendor's own client code. */
  'sdk',
  /** Seen in recorded traffic, of which an exchange is kept in fixtures. */
  'recorded',
  /** Told by people who ran against the service. */
  'community',
  /** Our choice where everything is silent. */
  'inferred',
] as const

/** How well it is known that a vendor behaves as modelled. */
export type EvidenceLevel = (typeof evidenceLevels)[number]

/** Why a route is believed to behave so, and what is known to differ, in words a user can read. */
export interface Evidence {
  level: EvidenceLevel
  source: string
  gaps: readonly string[]
}

/** @example evidence('documented', 'vendor page, Purchase Reporting', ['no rate limit']) */
export function evidence(level: EvidenceLevel, source: string, gaps: readonly string[] = []): Evidence {
  return { level, source, gaps }
}
