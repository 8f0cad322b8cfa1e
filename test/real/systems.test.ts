import { createRealWorld, realWorldAvailable } from '../../lab/real/world.ts';
import { systemScenarios } from '../scenarios/systems-suite.ts';
import { describe, test } from 'vitest';

const available = await realWorldAvailable();
if (available.ok) systemScenarios('real', () => createRealWorld({ hosts: 1 }));
else
  describe('every system around a service on real hosts', () => {
    test.skip(`not possible here: ${available.reason}`, () => undefined);
  });
