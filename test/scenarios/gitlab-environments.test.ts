import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSimulatedWorld } from '../../lab/host/simulated-world.ts';
import { webService } from '../../lab/house/definitions.ts';
import type { World, WorldHost } from '../../lab/world.ts';
import { eventually } from '../eventually.ts';
import { fleetPipeline, openGitlabStage, shown, type GitlabStage } from './gitlab-stage.ts';
import { hasButton } from './stage.ts';

/** Staging is another machine under the same name, with other variables, and nobody has to agree to anything there. */
describe('two environments of a GitLab project', { timeout: 120_000 }, () => {
  let world: World;
  let stage: GitlabStage | undefined;
  beforeAll(async () => {
    world = await createSimulatedWorld({ hosts: 2 });
  });
  afterAll(() => world.close());
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  }, 60_000);

  const open = async (options: Parameters<typeof openGitlabStage>[1] = {}): Promise<GitlabStage> => {
    stage = await openGitlabStage(world, {
      pipeline: null,
      approvals: '  rules:\n    - { environments: [staging], required: 0 }\n',
      inventory: inventoryOf(world.hosts[1]!),
      ...options,
    });
    return stage;
  };
  /** What answers where an environment runs. */
  const page = (s: GitlabStage, host: WorldHost): Promise<string | null> =>
    fetch(`http://${host.address}:${s.service.port}/`).then(
      async (response) => (await response.text()).trim(),
      () => null,
    );
  const [production, staging] = [() => world.hosts[0]!, () => world.hosts[1]!];
  const composeOn = (s: GitlabStage, host: WorldHost): Promise<string | undefined> =>
    host.readFile(`${host.installRoot}/${s.service.name}/docker-compose.yml`);
  /** Asked for in staging, where it starts at once. */
  const inStaging = async (s: GitlabStage, options: Readonly<Record<string, string>> = {}): Promise<void> => {
    const before = s.newest()?.id;
    const { reply } = await s.ask('deploy', { environment: 'staging', ...options });
    expect(hasButton(reply, 'Request approval'), shown(reply)).toBe(false);
    await eventually(() => (s.newest()?.id === before ? null : true), `a deployment after ${shown(reply)}`);
    expect((await s.finished()).outcome, await s.story()).toBe('succeeded');
  };

  test('each with a branch: staging changes at once, production by a merge request somebody agrees to', async () => {
    const s = await open({
      gitlab: {
        route: 'engine',
        environments:
          '    environments:\n      production: { branch: main, changes: merge-request }\n      staging: { branch: staging }',
      },
    });
    await s.defineQuietly();
    await s.forge.services.branch('staging', { 'notes.md': 'Tried here first.\n' });
    await s.startBot();
    await inStaging(s);
    await inStaging(s, { version: '2' });
    expect(await page(s, staging())).toBe('web 2');
    expect(await page(s, production())).toBeNull();
    expect(await s.services.read(s.service.file, 'staging')).toContain('web:2');
    expect(await s.services.read(s.service.file)).toContain('web:1');
    expect(await composeOn(s, staging())).toContain('debug');

    expect((await s.through('deploy', { version: '2' })).outcome, await s.story()).toBe('succeeded');
    expect(await page(s, production())).toBe('web 2');
    expect(await composeOn(s, production())).not.toContain('debug');
    expect(s.project.state.mergeRequests).toMatchObject([{ state: 'merged', target: 'main' }]);

    const before = s.newest()?.id;
    const { reply } = await s.ask('rollback', { environment: 'staging' });
    expect(shown(reply)).toContain('staging');
    await s.people.ana.click(reply, 'Roll back');
    await eventually(() => (s.newest()?.id === before ? null : true), 'the rollback');
    expect((await s.finished()).outcome, await s.story()).toBe('succeeded');
    expect([await page(s, staging()), await page(s, production())]).toEqual(['web 1', 'web 2']);
    for (const [environment, version] of Object.entries({ staging: 'web:1', production: 'web:2' })) {
      const status = await s.people.ana.command('status', { service: s.service.name, environment });
      expect(shown(await status.reply({ within: 60_000 }))).toContain(version);
      expect(shown((await s.ask('plan', { environment })).reply)).toContain('Nothing to do');
    }
  });

  test('each with a folder of one branch: a change of one is no change of the other', async () => {
    const s = await open({
      gitlab: {
        route: 'engine',
        environments:
          '    environments:\n      production: { branch: main }\n      staging: { branch: main }',
      },
    });
    const text = (image: string): string =>
      webService({
        ...{ name: s.service.name, host: production().name, port: s.service.port },
        image: s.image(image),
      });
    const folder = (environment: string): string => `environments/${environment}/${s.service.file}`;
    await s.project.begin({ [folder('production')]: text('web:1'), [folder('staging')]: text('web:2') });
    await s.startBot();
    await inStaging(s);
    expect((await s.through('deploy')).outcome, await s.story()).toBe('succeeded');
    expect([await page(s, staging()), await page(s, production())]).toEqual(['web 2', 'web 1']);
    await inStaging(s, { version: '1' });
    expect(await s.services.read(folder('staging'))).toContain('web:1');
    expect(await page(s, staging())).toBe('web 1');
    expect(shown((await s.ask('plan')).reply)).toContain('Nothing to do');
  });

  test('by the pipeline of sentinel init, the branch staging deploys to staging', async () => {
    const s = await open({
      pipeline: fleetPipeline,
      gitlab: {
        environments:
          '    environments:\n      production: { branch: main }\n      staging: { branch: staging }',
      },
    });
    const text = webService({
      ...{ name: s.service.name, host: production().name, port: s.service.port, image: s.image('web:2') },
    });
    const pipeline = await s.pipelineOf(await s.forge.services.branch('staging', { [s.service.file]: text }));
    const { ci } = s.project.state;
    const traces = pipeline.jobs
      .map(({ id, name, status }) => `${name} ${status}\n${ci.trace(id)}`)
      .join('\n');
    expect(pipeline.status, traces).toBe('success');
    expect([await page(s, staging()), await page(s, production())]).toEqual(['web 2', null]);
    expect(await composeOn(s, staging())).toContain('debug');
  });
});

/** Lines of sentinel.yml. */
function inventoryOf({ address, port, user, hostKey, installRoot }: WorldHost): string {
  const host = JSON.stringify({ address, port, user, host_key: hostKey, install_root: installRoot });
  return [
    'defaults:',
    '  environment: { LOG_LEVEL: info }',
    'environments:',
    '  staging:',
    '    environment: { LOG_LEVEL: debug }',
    '    hosts:',
    `      h1: ${host}`,
    '',
  ].join('\n');
}
