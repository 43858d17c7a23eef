/** What the ids of a process begin with: `r-1`, `r-2` … as long as there is one, `r-7-1` … where it is the seventh to share a store. */
export function entryPrefix(replica = 1): string {
  return replica === 1 ? 'r-' : `r-${replica}-`
}

/** Which process gave an id, and its running number there; undefined when it is no id. */
export function readEntryId(id: string): { replica: number; number: number } | undefined {
  const [, replica, number] = /^r-(?:([1-9]\d{0,15})-)?([1-9]\d{0,15})$/.exec(id) ?? []
  return number === undefined ? undefined : { replica: Number(replica ?? 1), number: Number(number) }
}
