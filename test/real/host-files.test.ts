import { describe, test } from 'vitest';
import { createRealWorld, realWorldAvailable } from '../../lab/real/world.ts';
import { hostFilesSuite } from '../engine/stages/host-files-suite.ts';

const available = await realWorldAvailable();
if (available.ok) hostFilesSuite('files of a real host', () => createRealWorld({ hosts: 1 }));
else
  describe('files of a real host', () => {
    test.skip(`not possible here: ${available.reason}`, () => undefined);
  });
