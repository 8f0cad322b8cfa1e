import { describe, test } from 'vitest';
import { createRealWorld, realWorldAvailable } from '../../lab/real/world.ts';
import { deploySuite } from '../engine/stages/deploy-suite.ts';

const available = await realWorldAvailable();
if (available.ok) deploySuite('deploying to a real host', () => createRealWorld({ hosts: 1 }));
else
  describe('deploying to a real host', () => {
    test.skip(`not possible here: ${available.reason}`, () => undefined);
  });
