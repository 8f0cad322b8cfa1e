import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSimulatedWorld } from '../../../lab/host/simulated-world.ts';
import type { World } from '../../../lab/world.ts';
import { comparable, differences, find, type Laboratory, openLaboratory } from './compare.ts';
import { chapters } from './probes.ts';

/** What real hosts answered to the same questions; `RECORD_REALITY=1 npm run test:real` writes it. */
const reality = new Map<string, unknown>(
  Object.entries(
    JSON.parse(
      readFileSync(join(import.meta.dirname, '../../fixtures/docker-reality.json'), 'utf8'),
    ) as object,
  ),
);

describe('a simulated host answers as real ones were seen to', () => {
  let world: World;
  beforeAll(async () => {
    world = await createSimulatedWorld({ hosts: 1, pace: 0.1 });
  });
  afterAll(() => world.close());

  for (const [project, chapter] of Object.entries(chapters))
    describe(chapter.title, () => {
      let laboratory: Laboratory;
      beforeAll(async () => {
        laboratory = await openLaboratory(world, project);
      });
      afterAll(() => laboratory.close());
      for (const probe of chapter.probes)
        it(probe.title, async () => {
          const key = `${project}: ${probe.title}`;
          expect(reality.has(key)).toBe(true);
          const found = differences(reality.get(key), comparable(probe, await find(probe, laboratory)));
          expect(found, found.join('\n')).toEqual([]);
        });
    });
});
