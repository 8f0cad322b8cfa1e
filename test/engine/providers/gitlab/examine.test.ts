import { expect, test } from 'vitest';
import { examineProject } from '../../../../engine/providers/gitlab/examine.ts';
import { idle } from '../git/scratch.ts';
import { clientOf } from './support.ts';
import { openLab } from '../../../lab/gitlab/support.ts';

type Levels = readonly { readonly access_level: number | null; readonly [field: string]: unknown }[];

async function mayMerge(user: 'maya' | 'dev', levels: Levels) {
  const opened = await openLab();
  opened.project.protectBranch('main', { push: 'maintainer', merge: 'maintainer' });
  const body = { name: 'main', push_access_levels: [], merge_access_levels: levels };
  opened.lab.faults.next({ path: /\/protected_branches\/main$/, reply: { status: 200, body } });
  const wanted = { project: 'homelab/services', branches: ['main'] };
  const { branches } = await examineProject(clientOf(opened, user), wanted, idle());
  return branches[0]?.mayMerge;
}

const role = (level: number) => ({ access_level: level, user_id: null, group_id: null });

test('who may merge is told by roles; where a person or a group is named, it cannot be told', async () => {
  expect(await mayMerge('dev', [role(30)])).toBe('yes');
  expect(await mayMerge('dev', [role(40)])).toBe('no');
  expect(await mayMerge('dev', [role(0)])).toBe('no');
  expect(await mayMerge('dev', [{ access_level: null, user_id: 7 }])).toBe('unknown');
  expect(await mayMerge('dev', [role(0), { access_level: 40, user_id: null, group_id: 12 }])).toBe('unknown');
  expect(await mayMerge('maya', [role(40), { access_level: 40, user_id: 7 }])).toBe('yes');
});

test('a token whose user is no member has no role that could be told', async () => {
  const opened = await openLab();
  const shown = (await opened.ask('GET //projects/homelab%2Fservices')).body as object;
  const body = { ...shown, permissions: { project_access: null, group_access: null } };
  opened.lab.faults.next({ path: /\/projects\/homelab\/services$/, reply: { status: 200, body } });
  const found = await examineProject(
    clientOf(opened),
    { project: 'homelab/services', branches: ['main'] },
    idle(),
  );
  expect([found.accessLevel, found.branches[0]?.mayMerge]).toEqual([null, 'unknown']);
});
