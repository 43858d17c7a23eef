/** Kind of a JSON document that coinslot reads or writes, by its members; undefined for any other. */
export type DocumentKind = 'seed' | 'session' | 'snapshot' | 'har'

/** Returns the kind of a document. A damaged document still has the kind that its members say. */
export function documentKind(value: unknown): DocumentKind | undefined {
  if (!isObject(value)) return undefined
  if (value['format'] === 'coinslot-session') return 'session'
  if (typeof value['format'] === 'number' && isObject(value['rows']) && isObject(value['sandbox'])) return 'snapshot'
  if (isObject(value['log']) && Array.isArray(value['log']['entries'])) return 'har'
  const tables = Object.entries(value).filter(([name]) => !['$schema', 'faults', 'clock', 'upstreams'].includes(name))
  const isSeed = tables.every(([, rows]) => isObject(rows) && Object.values(rows).every((list) => Array.isArray(list)))
  return isSeed && Object.keys(value).length > 0 ? 'seed' : undefined
}

/** Message about a document of another kind than the wanted one, with the command that takes it; undefined if it may be the wanted one. */
export function wrongKind(value: unknown, wanted: DocumentKind, file?: string): string | undefined {
  const kind = documentKind(value)
  if (kind === undefined || kind === wanted) return undefined
  return `${file ?? 'This'} is ${names[kind]}, not ${names[wanted]}. ${takers[kind](file ?? 'FILE')}.`
}

const names: Readonly<Record<DocumentKind, string>> = { seed: 'a seed', session: 'a session', snapshot: 'a snapshot', har: 'a HAR file' }

const takers: Readonly<Record<DocumentKind, (file: string) => string>> = {
  seed: (file) => `Load it with "coinslot seed ${file}"`,
  session: (file) => `Open it with "coinslot session open ${file}"`,
  snapshot: () => 'The control API takes it as the snapshot NAME; then run "coinslot snapshot restore NAME"',
  har: () => 'Browsers and proxies open it; coinslot only writes it',
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
