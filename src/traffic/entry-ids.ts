/** What the ids of a process begin with: `r-1`, `r-2` … of the first one, `r-7-1` … of the seventh to share a store or to start over a data directory. */
export function entryPrefix(replica = 1): string {
  return replica === 1 ? 'r-' : `r-${replica}-`
}

/** Which process gave an id, and its running number there; undefined when it is no id. */
export function readEntryId(id: string): { replica: number; number: number } | undefined {
  const [, replica, number] = /^r-(?:([1-9]\d{0,15})-)?([1-9]\d{0,15})$/.exec(id) ?? []
  return number === undefined ? undefined : { replica: Number(replica ?? 1), number: Number(number) }
}
