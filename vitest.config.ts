import { defineConfig } from 'vitest/config'
import { missingPrograms, useCachedPrograms } from './scripts/system-packages.js'

useCachedPrograms()
const missing = missingPrograms()
const leftOut = missing.flatMap(({ tests }) => tests)
const isRedisHere = missing.every(({ program }) => program !== 'redis-server')

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // A page on a busy machine is slow, not wrong.
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    maxWorkers: 2,
    // The modules are loaded once a worker, not once a file, which halves the time. The product keeps no state in modules.
    isolate: false,
    setupFiles: ['test/support/setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'own',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          // Separate projects: test/package runs them with the packed sandbox installed.
          exclude: ['**/node_modules/**', 'test/examples/**', ...leftOut],
        },
      },
      // Every vendor once more, with its rows in Redis.
      ...(isRedisHere
        ? [
            {
              extends: true as const,
              test: { name: 'shared', include: ['test/vendors/**/*.test.ts'], globalSetup: ['test/support/shared-store.ts'] },
            },
          ]
        : []),
    ],
  },
})
