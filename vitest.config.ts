import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest files first: begun last, they would be all that is left for one of the two cores. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) =>
      /tests\/(simulation\/(convergence|planted)|browser\/secretary)/.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // the machines that matter have two cores, and a database test keeps a Postgres and several Deno processes busy
    maxWorkers: 2,
    // what waits for a condition says itself what never came, after tests/patience.ts: these limits only end what hangs
    testTimeout: 150_000,
    hookTimeout: 240_000,
    // on request (`npm run coverage`): of what runs in this process; the functions of the local stack run in others
    coverage: {
      provider: 'v8',
      include: ['supabase/functions/_shared/**/*.ts'],
      exclude: ['**/*.gen.ts'],
      reporter: ['text', 'html'],
      reportsDirectory: 'coverage',
    },
  },
});
