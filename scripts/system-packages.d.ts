/** Appends the programs of the cache to the PATH. */
export function useCachedPrograms(): void
