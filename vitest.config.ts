import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Most of them wait for something most of the time, so two cores are enough for three.
    maxWorkers: Math.max(3, availableParallelism() - 1),
  },
});
