import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSimulatedWorld } from '../../lab/host/simulated-world.ts';
import { createRealWorld, realWorldAvailable } from '../../lab/real/world.ts';
import type { World } from '../../lab/world.ts';
import { comparable, differences, find, type Laboratory } from '../lab/host/compare.ts';
import { chapters } from '../lab/host/probes.ts';
import { connectTo } from '../lab/host/ssh-client.ts';
import { describeWorld } from '../lab/host/world-contract.ts';

const available = await realWorldAvailable();
const laboratory = async (world: World, project: string): Promise<Laboratory> => {
  const host = world.hosts[0]!;
  return { world, host, connection: await connectTo(world, host), project };
};

describe.skipIf(!available.ok)(
  `the simulated world answers as the real one does${available.ok ? '' : ` (skipped: ${available.reason})`}`,
  () => {
    let worlds: readonly World[] = [];
    beforeAll(async () => {
      worlds = await Promise.all([
        createRealWorld({ hosts: 1 }),
        createSimulatedWorld({ hosts: 1, pace: 0.3 }),
      ]);
    });
    afterAll(async () => {
      await Promise.all(worlds.map((world) => world.close()));
    });

    for (const [project, chapter] of Object.entries(chapters))
      describe(chapter.title, () => {
        let real: Laboratory;
        let simulated: Laboratory;
        beforeAll(async () => {
          [real, simulated] = (await Promise.all(worlds.map((world) => laboratory(world, project)))) as [
            Laboratory,
            Laboratory,
          ];
          if (project === 'without') await Promise.all(worlds.map(({ hosts }) => hosts[0]!.stopDocker()));
        });
        afterAll(async () => {
          real.connection.end();
          simulated.connection.end();
          if (project === 'without') await Promise.all(worlds.map(({ hosts }) => hosts[0]!.startDocker()));
        });
        for (const probe of chapter.probes)
          it(probe.title, async () => {
            const [reality, simulation] = await Promise.all([find(probe, real), find(probe, simulated)]);
            const found = differences(comparable(probe, reality), comparable(probe, simulation));
            expect(found, found.join('\n')).toEqual([]);
            if (probe.expect !== undefined) expect(reality.code).toBe(probe.expect);
          });
      });
  },
);

describe.skipIf(!available.ok)('a real world', () => describeWorld(() => createRealWorld({ hosts: 1 })));
