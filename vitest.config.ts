import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Beginnings of paths, longest first. They are small files, so Vitest would begin them last and wait for them alone. */
const long = [
  ...['test/scenarios/systems', 'test/scenarios/simulated', 'test/scenarios/pipelines', 'test/scenarios/'],
  ...['test/lab/page/page', 'test/lab/demo/', 'test/engine/doctor', 'test/engine/stages/deploy'],
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const path = relative(import.meta.dirname, moduleId);
  const place = long.findIndex((beginning) => path.startsWith(beginning));
  return place === -1 ? long.length : place;
}

/** Their files leave nothing behind in their process: no time of its own, no environment, no server. */
const tidy = [
  ...['test/bot/render/**/*.test.ts', 'test/bot/pictures/**/*.test.ts', 'test/commands/**/*.test.ts'],
  ...['test/data/**/*.test.ts', 'test/engine/definitions/**/*.test.ts', 'test/schema/**/*.test.ts'],
];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Most of them wait for something most of the time, so two cores are enough for three.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: ['test/real/**', ...tidy] },
      },
      // Reading discord.js and the rest again for every file costs more than most files do.
      { extends: true, test: { name: 'together', include: tidy, isolate: false } },
    ],
  },
});
