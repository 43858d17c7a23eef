/** Stands for `src/kernel/timers.ts` in tests that replace the global timers in order to move the sandbox's own. */
export const performance = { now: () => globalThis.performance.now() }
export const setTimeout = (...given: Parameters<typeof globalThis.setTimeout>) => globalThis.setTimeout(...given)
export const clearTimeout = (...given: Parameters<typeof globalThis.clearTimeout>) => globalThis.clearTimeout(...given)
export const setInterval = (...given: Parameters<typeof globalThis.setInterval>) => globalThis.setInterval(...given)
export const clearInterval = (...given: Parameters<typeof globalThis.clearInterval>) => globalThis.clearInterval(...given)
export const setImmediate = (...given: Parameters<typeof globalThis.setImmediate>) => globalThis.setImmediate(...given)
export const clearImmediate = (...given: Parameters<typeof globalThis.clearImmediate>) => globalThis.clearImmediate(...given)
export const queueMicrotask = (task: () => void) => globalThis.queueMicrotask(task)
