import { describe, expect, test } from 'vitest';
import { discoverProjects, readProject } from '../../../../engine/providers/gitlab/projects.ts';
import { readVariables } from '../../../../engine/providers/gitlab/variables.ts';
import { openLab } from '../../../lab/gitlab/support.ts';
import { idle } from '../git/scratch.ts';
import { clientOf } from './support.ts';

describe('projects of a group', () => {
  test('with a service.yml are found, those of groups in it too, whatever page they are on', async () => {
    const opened = await openLab();
    const { lab } = opened;
    const single = { 'service.yml': 'name: x\n' };
    await lab.createProject({ path: 'homelab/media/jellyfin', files: single, defaultBranch: 'trunk' });
    await lab.createProject({ path: 'homelab/grafana', files: single });
    await lab.createProject({ path: 'homelab/empty' });
    await lab.createProject({ path: 'elsewhere/other', files: single });
    const found = await discoverProjects(clientOf(opened), { group: 'homelab' }, idle());
    expect(found.map(({ path, defaultBranch, group }) => [path, defaultBranch, group])).toEqual([
      ['homelab/grafana', 'main', 'homelab'],
      ['homelab/media/jellyfin', 'trunk', 'homelab/media'],
    ]);
    expect(found[0]).toMatchObject({ name: 'grafana', url: `${lab.url}/homelab/grafana` });
  });

  test('that is not there, or not shown, is refused by name', async () => {
    const opened = await openLab();
    await expect(discoverProjects(clientOf(opened), { group: 'nobody' }, idle())).rejects.toMatchObject({
      problem: {
        code: 'forge-refused',
        message: expect.stringContaining('/groups/nobody/projects') as string,
      },
    });
  });

  test('that are archived do not count, nor those without a branch', async () => {
    const opened = await openLab();
    const shown = (await opened.ask('GET //projects/homelab%2Fservices')).body as object;
    const body = [
      { ...shown, archived: true },
      { ...shown, default_branch: null },
    ];
    opened.lab.faults.next({ path: /\/groups\/homelab\/projects/, reply: { status: 200, body } });
    expect(await discoverProjects(clientOf(opened), { group: 'homelab' }, idle())).toEqual([]);
  });
});

test('a project is read by its path or its number', async () => {
  const opened = await openLab();
  const { lab, project } = opened;
  const gitlab = clientOf(opened);
  const byPath = await readProject(gitlab, 'homelab/services', idle());
  expect(byPath).toEqual({
    ...{
      id: project.id,
      path: 'homelab/services',
      name: 'services',
      defaultBranch: 'main',
      group: 'homelab',
    },
    ...{ url: `${lab.url}/homelab/services`, cloneUrl: `${lab.url}/homelab/services.git` },
  });
  expect(await readProject(gitlab, project.id, idle())).toEqual(byPath);
});

test('what is no GitLab is told apart from one that refuses', async () => {
  const opened = await openLab();
  opened.lab.faults.next({
    path: /^\/projects/,
    reply: { status: 200, raw: { type: 'text/html', content: Buffer.from('<html>Log in</html>') } },
  });
  await expect(readProject(clientOf(opened), 1, idle())).rejects.toMatchObject({
    problem: { code: 'forge-refused', message: expect.stringContaining('not one of GitLab') as string },
  });
});

describe('CI/CD variables', () => {
  test('are those of the nearest holder and the most telling scope; hidden ones are named', async () => {
    const opened = await openLab();
    const { lab, project } = opened;
    await lab.createProject({ path: 'homelab/media/jellyfin', files: { a: 'b' } });
    const [outer, inner] = ['homelab', 'homelab/media'].map((path) =>
      lab.groups.find((group) => group.path === path)!,
    );
    const plain = project.addVariable({ key: 'ONLY_HERE', value: 'project' });
    project.addVariable({ key: 'WORD', value: 'swordfish', masked: true });
    outer!.variables.push(
      { ...plain, key: 'DOMAIN', value: 'outer' },
      { ...plain, key: 'DEEP', value: 'outer, exact', scope: 'production' },
      { ...plain, key: 'SHARED', value: 'outer' },
    );
    inner!.variables.push(
      { ...plain, key: 'DEEP', value: 'inner, any' },
      { ...plain, key: 'DOMAIN', value: 'inner' },
    );
    project.addVariable({ key: 'DOMAIN', value: 'project, any' });
    project.addVariable({ key: 'DOMAIN', value: 'project, pattern', scope: 'prod*' });
    project.addVariable({ key: 'DOMAIN', value: 'project, exact', scope: 'production' });
    project.addVariable({ key: 'STAGING', value: 'x', scope: 'staging' });
    project.addVariable({ key: 'KEY', value: '-----BEGIN KEY-----\nabc\n', type: 'file' });
    project.addVariable({ key: 'SHARED', value: 'nobody sees this', hidden: true, masked: true });
    const holders = { groups: ['homelab', inner!.id], projects: ['homelab/services'] };
    const gitlab = clientOf(opened);
    expect(await readVariables(gitlab, { holders, environment: 'production' }, idle())).toEqual({
      values: {
        DOMAIN: 'project, exact',
        DEEP: 'inner, any',
        KEY: '-----BEGIN KEY-----\nabc\n',
        ONLY_HERE: 'project',
        WORD: 'swordfish',
      },
      unreadable: ['SHARED'],
      masked: ['WORD'],
    });
    const staging = await readVariables(gitlab, { holders, environment: 'staging' }, idle());
    expect(staging.values).toMatchObject({ DOMAIN: 'project, any', STAGING: 'x' });
  });

  test('are all read, however many pages they fill', async () => {
    const opened = await openLab();
    for (let number = 0; number < 230; number += 1)
      opened.project.addVariable({ key: `KEY_${number}`, value: String(number) });
    const holders = { groups: [], projects: ['homelab/services'] };
    const { values } = await readVariables(clientOf(opened), { holders, environment: 'production' }, idle());
    expect(Object.keys(values)).toHaveLength(230);
  });

  test('are refused to a token whose user may not read them', async () => {
    const opened = await openLab();
    const holders = { groups: [], projects: ['homelab/services'] };
    const reading = readVariables(clientOf(opened, 'dev'), { holders, environment: 'production' }, idle());
    await expect(reading).rejects.toMatchObject({ problem: { code: 'forge-refused' } });
  });
});
