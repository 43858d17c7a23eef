import * as timers from 'node:timers'
import { performance as measured } from 'node:perf_hooks'

/**
 * The timers of Node as they were when coinslot was loaded. A test that replaces the global ones (`vi.useFakeTimers`, jest, sinon) means
 * its own code: the sandbox would never close, end a delivery or write to disk.
 */
export const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = timers
export const { queueMicrotask } = globalThis
export const { nextTick } = process

/** The clock for measuring spans of time, which such tests replace as well. */
export const performance = measured
