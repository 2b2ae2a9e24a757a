import { defineConfig } from 'vitest/config';

const integrationTests = [
  'packages/*/src/**/*.{int,crash}.test.ts',
  'apps/*/src/**/*.{int,crash}.test.ts',
];

/** One suite, two databases: the same integration tests run against the embedded one and against a real server. */
export default defineConfig({
  test: {
    pool: 'forks',
    // How long a busy machine may take until what was said comes true: never what decides a test.
    expect: { poll: { timeout: 20_000 } },
    // Tests of processes wait much of their time: four at once keep two cores busy.
    maxWorkers: 4,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.{ts,tsx}',
            'apps/*/src/**/*.test.{ts,tsx}',
            'bench/**/*.test.ts',
            'scripts/**/*.test.mjs',
          ],
          exclude: ['**/node_modules/**', '**/.next/**', ...integrationTests],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'embedded',
          include: integrationTests,
          env: {
            AUTOMATOS_TEST_DATABASE_URL: '',
            AUTOMATOS_TEST_DATABASE_ADMIN_URL: '',
            AUTOMATOS_TEST_REDIS_URL: '',
            AUTOMATOS_TEST_PG_CTL: '',
          },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'server',
          include: integrationTests,
          setupFiles: ['scripts/vitest/require-services.mjs'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
