import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSimulatedWorld } from '../../lab/host/simulated-world.ts';
import { inventoryText } from '../../lab/house/definitions.ts';
import type { World } from '../../lab/world.ts';
import { eventually } from '../eventually.ts';
import { openGitlabStage, type GitlabStage } from './gitlab-stage.ts';

/** Every project of a group that has a service.yml is one service. */
describe('a group of projects with one service each', { timeout: 120_000 }, () => {
  let world: World;
  let stage: GitlabStage | undefined;
  beforeAll(async () => {
    world = await createSimulatedWorld();
  });
  afterAll(() => world.close());
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  }, 60_000);

  test('is found, offered while somebody types, and deployed', async () => {
    stage = await openGitlabStage(world, {
      pipeline: null,
      gitlab: { route: 'engine', more: '  - group: homelab/apps\n    route: engine' },
    });
    const s = stage;
    const { name, port } = s.service;
    await s.forge.lab.createProject({ path: `homelab/apps/${name}`, files: files(name, port) });
    await s.forge.lab.createProject({ path: 'homelab/apps/other', files: files('other', port + 50) });
    await s.forge.lab.createProject({ path: 'homelab/apps/notes', files: { 'README.md': 'No service.\n' } });
    await s.startBot();
    const offered = await eventually(async () => {
      const choices = await s.people.ana.autocomplete('deploy', { service: '' });
      return choices.length < 2 ? null : choices.map(({ value }) => value).sort();
    }, 'the projects to be read');
    expect(offered).toEqual([name, 'other'].sort());
    expect((await s.through('deploy')).outcome, await s.story()).toBe('succeeded');
    expect(await s.page()).toBe('web 1');
    expect((await s.through('deploy', { version: '2' })).outcome, await s.story()).toBe('succeeded');
    expect(await s.page()).toBe('web 2');
    const project = s.forge.lab.projects.find(({ path }) => path === `homelab/apps/${name}`)!;
    expect(await project.read('config/docker-compose.yml')).toContain('web:2');
  });

  const files = (name: string, port: number): Record<string, string> => ({
    'sentinel.yml': inventoryText(world),
    'service.yml': [
      'service:',
      `  name: ${name}`,
      '  category: media',
      'deployment:',
      `  target_host: ${world.hosts[0]!.name}`,
      `  port: ${port}`,
      '  container_port: 80',
      '',
    ].join('\n'),
    'config/docker-compose.yml': [
      'services:',
      `  ${name}:`,
      `    image: ${world.registry.image('web:1')}`,
      `    container_name: ${name}`,
      '    ports:',
      `      - "\${SERVICE_PORT:-${port}}:80"`,
      '',
    ].join('\n'),
  });
});
