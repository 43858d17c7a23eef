/** Returns a function that runs at most `limit` pieces of work at once; the others wait in the order of their calls. */
export function limitConcurrency(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running < limit) running++
    else await new Promise<void>((start) => waiting.push(start))
    try {
      return await work()
    } finally {
      // The slot is handed to the next in the queue, or freed.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
