/** One test run for every TypeScript workspace. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/**/test/**/*.test.ts', 'apps/**/test/**/*.test.ts', 'contracts/test/**/*.test.ts', 'examples/**/*.test.ts'],
    globalSetup: 'apps/web/test/e2e/pages-are-built.ts',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
