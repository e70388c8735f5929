import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    pool: 'forks',
    // the machines that matter have two cores, and a database test keeps a Postgres and several Deno processes busy
    maxWorkers: 2,
    // what waits for a condition says itself what never came, after tests/patience.ts: these limits only end what hangs
    testTimeout: 150_000,
    hookTimeout: 240_000,
  },
});
