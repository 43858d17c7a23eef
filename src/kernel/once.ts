/** Makes something when it is first asked for, and returns the same ever after: a value that only some runs need, or a module by `import()`. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
