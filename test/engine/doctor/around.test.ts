import { expect, test } from 'vitest';
import { aroundChecks } from '../../../engine/doctor/index.ts';
import { idle } from '../providers/git/scratch.ts';

test('without any definitions nothing is said to be unnamed in them', async () => {
  const found = (await Promise.all(aroundChecks([]).map(({ look }) => look(idle())))).flat();
  expect(found).toHaveLength(6);
  for (const { state, says } of found)
    expect([state, says]).toEqual(['skipped', 'could not be looked at: no definitions could be read.']);
});
