import { expect, it } from 'vitest';
import { createGitLook } from '../../../lab/demo/look/git.ts';
import { orDown } from '../../../lab/demo/look/or-down.ts';

it('a system that cannot be looked at is down and says why, in one line', async () => {
  const system = { id: 'traefik', name: 'Traefik', kind: 'proxy' } as const;
  const broken = { ...system, state: 'down', empty: 'It cannot be looked at: no rule', rows: [] };
  const now = await orDown(system, () => {
    throw new Error('no rule\nat line 3');
  });
  const later = await orDown(system, () => Promise.reject(new Error('no rule')));
  expect([now, later]).toEqual([broken, broken]);
  const up = { ...system, state: 'up', empty: '', rows: [] } as const;
  expect(await orDown(system, () => up)).toBe(up);
});

it('commits that could not be asked for once are asked for again, although no branch has moved', async () => {
  let asked = 0;
  const ask = (): Promise<string> => {
    asked += 1;
    return asked === 1
      ? Promise.reject(new Error('git is busy'))
      : Promise.resolve(['c0ffee', '', 'ana', 'a', '', 'ana', 'a', '2026', 'feat: web', ''].join('\u001f'));
  };
  const state = { repository: { ask }, path: 'homelab/services', known: new Map([['main', 'c0ffee']]) };
  const look = createGitLook({ project: { state } } as never);
  await expect(look(true)).rejects.toThrow('git is busy');
  for (let round = 0; round < 2; round += 1)
    expect(await look(true)).toMatchObject({ state: 'up', rows: [{ text: 'feat: web' }] });
  expect(asked).toBe(2);
});
