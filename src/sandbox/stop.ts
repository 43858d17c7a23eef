import { clearTimeout, setTimeout } from '../kernel/timers.js'

/** A part of a stop. */
export interface StopStep {
  /** For a message, such as `the store`. */
  name: string
  run: () => Promise<void>
}

/** Options for `stopInOrder`. */
export interface StopLimit {
  limitMs: number
  report: (message: string) => void
}

/**
 * Runs the steps of a stop one after the other. Returns false if they did not end in time, and reports the step that was running; it goes
 * on in the background.
 */
export async function stopInOrder(steps: readonly StopStep[], { limitMs, report }: StopLimit): Promise<boolean> {
  let current = ''
  const work = async () => {
    for (const { name, run } of steps) {
      current = name
      await run()
    }
    return true
  }
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), Math.max(0, limitMs))))
  const working = work()
  try {
    const isDone = await Promise.race([working, limit])
    if (!isDone) {
      // Nothing waits for it any more.
      working.catch(() => {})
      report(notStopped(current))
    }
    return isDone
  } finally {
    clearTimeout(timer)
  }
}

/** The sentence for a stop that is given up. */
export function notStopped(step: string): string {
  return `The stop was given up after ${stopLimitMs / 1000} s, because ${step} did not end. What was acknowledged is kept; the next start goes on from there.`
}

/** Time for a whole stop, less than the 10 s after which Docker and Compose kill a process. */
export const stopLimitMs = 9_500

/** Time in which running requests may finish at a stop; what follows has the rest of the limit. */
export const requestGraceMs = 8_000
