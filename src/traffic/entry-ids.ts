/** Prefix of a process's entry ids: `r-1`, `r-2` … for the first one, `r-7-1` … for the seventh on a shared store or the seventh start over a data directory. */
export function entryPrefix(replica = 1): string {
  return replica === 1 ? 'r-' : `r-${replica}-`
}

/** Returns the process and the running number of an entry id, undefined if it is not one. */
export function readEntryId(id: string): { replica: number; number: number } | undefined {
  const [, replica, number] = /^r-(?:([1-9]\d{0,15})-)?([1-9]\d{0,15})$/.exec(id) ?? []
  return number === undefined ? undefined : { replica: Number(replica ?? 1), number: Number(number) }
}
