/** Something that is made when it is first asked for, and the same ever after; for what only some runs need. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
