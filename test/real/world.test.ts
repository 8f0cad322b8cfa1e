import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSimulatedWorld } from '../../lab/host/simulated-world.ts';
import { createRealWorld, realWorldAvailable } from '../../lab/real/world.ts';
import type { World } from '../../lab/world.ts';
import { comparable, differences, find, type Laboratory, openLaboratory } from '../lab/host/compare.ts';
import { chapters } from '../lab/host/probes.ts';
import { describeWorld } from '../lab/host/world-contract.ts';

const available = await realWorldAvailable();
const skipped = available.ok ? '' : ` (skipped: ${available.reason})`;
/** `RECORD_REALITY=1` keeps what real hosts answered for test/lab/host/reality.test.ts. */
const record = process.env['RECORD_REALITY'] !== undefined;

describe.skipIf(!available.ok)(`the simulated world answers as the real one does${skipped}`, () => {
  let worlds: readonly World[] = [];
  const recorded: Record<string, unknown> = {};
  beforeAll(async () => {
    worlds = await Promise.all([
      createRealWorld({ hosts: 1 }),
      createSimulatedWorld({ hosts: 1, pace: 0.3 }),
    ]);
  });
  afterAll(async () => {
    await Promise.all(worlds.map((world) => world.close()));
    const file = join(import.meta.dirname, '../fixtures/docker-reality.json');
    if (record) writeFileSync(file, `${JSON.stringify(recorded, null, 1)}\n`);
  });

  for (const [project, chapter] of Object.entries(chapters))
    describe(chapter.title, () => {
      let real: Laboratory;
      let simulated: Laboratory;
      beforeAll(async () => {
        [real, simulated] = (await Promise.all(worlds.map((world) => openLaboratory(world, project)))) as [
          Laboratory,
          Laboratory,
        ];
      });
      afterAll(async () => {
        await real.close();
        await simulated.close();
      });
      for (const probe of chapter.probes)
        it(probe.title, async () => {
          const [reality, simulation] = await Promise.all([find(probe, real), find(probe, simulated)]);
          recorded[`${project}: ${probe.title}`] = comparable(probe, reality);
          const found = differences(comparable(probe, reality), comparable(probe, simulation));
          expect(found, found.join('\n')).toEqual([]);
          if (probe.expect !== undefined) expect(reality.code).toBe(probe.expect);
        });
    });
});

describe.skipIf(!available.ok)(`a real world${skipped}`, () =>
  describeWorld(() => createRealWorld({ hosts: 1 })),
);
