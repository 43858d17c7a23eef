import { afterAll, beforeAll, vi } from 'vitest'
import * as timers from '../../src/kernel/timers.js'

/** Lets the sandbox use the global timers within one file, so that its tests can replace them in order to move the sandbox's own. */
export function useGlobalTimers(): void {
  const spies: { mockRestore(): void }[] = []
  const exported = timers as Record<string, unknown>
  beforeAll(() => {
    for (const name of Object.keys(exported)) {
      spies.push(vi.spyOn(exported, name, 'get').mockImplementation(() => globalThis[name as keyof typeof globalThis]))
    }
  })
  afterAll(() => spies.forEach((spy) => spy.mockRestore()))
}
