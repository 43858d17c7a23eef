import { defineConfig } from 'vitest/config'

// Programs that are not installed here, as `npm test` found out on systems where it installs nothing.
const absent = (process.env['COINSLOT_NOT_HERE'] ?? '').split(',')
const isRedisHere = !absent.includes('redis-server')
const isBrowserHere = !absent.includes('chromium')

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 180_000,
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'own',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          // Projects of their own: test/package runs them where the packed sandbox is installed.
          exclude: [
            '**/node_modules/**',
            'test/examples/**',
            ...(isRedisHere ? [] : ['test/shared/**', 'test/store/redis*.test.ts']),
            ...(isBrowserHere ? [] : ['test/inspector/{live,views,set-up,quality}.test.ts']),
          ],
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
