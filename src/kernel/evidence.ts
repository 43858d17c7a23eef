/** Levels of evidence, the strongest first. */
export const evidenceLevels = [
  /** Written in the vendor's own documentation. */
  'documented',
  /** Read in the vendor's own client code. */
  'sdk',
  /** Seen in recorded traffic, with a request and its reply kept in fixtures. */
  'recorded',
  /** Reported by people who used the service. */
  'community',
  /** Our choice, because no source covers it. */
  'inferred',
] as const

/** Level of evidence that a vendor behaves as modelled. */
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
