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
    pool: 'forks',
    maxWorkers: 2,
    setupFiles: ['test/support/property-seed.ts'],
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
