import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { exportAudit } from '../../data/index.ts';
import { createSimulatedWorld } from '../../lab/host/simulated-world.ts';
import type { World } from '../../lab/world.ts';
import { eventually } from '../eventually.ts';
import { openGitlabStage, shown, type GitlabStage } from './gitlab-stage.ts';

const canaries = ['c4n4ry-in-pr0duction', 'c4n4ry-r0tated-0nce', 'c4n4ry-of-staging'] as const;
const [first, rotated, ofStaging] = canaries;

/** CI/CD variables of a project are the secrets of its services, each in the environments of its scope. */
describe('secrets kept in GitLab', { timeout: 120_000 }, () => {
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

  const open = async (): Promise<GitlabStage> => {
    const [, other] = world.hosts;
    stage = await openGitlabStage(world, {
      pipeline: null,
      variablesOf: ['homelab/services'],
      inventory: `environments:\n  staging:\n    hosts:\n      h1: ${JSON.stringify({
        ...{ address: other!.address, port: other!.port, user: other!.user },
        ...{ host_key: other!.hostKey, install_root: other!.installRoot },
      })}\n`,
      gitlab: {
        route: 'engine',
        environments:
          '    environments:\n      production: { branch: main }\n      staging: { branch: main }',
      },
    });
    await stage.defineQuietly({ more: '  secrets:\n    - name: PASSWORD\n      source: APP_PASSWORD' });
    return stage;
  };
  const env = (s: GitlabStage, at: 0 | 1): Promise<string | undefined> =>
    world.hosts[at]!.readFile(`${world.hosts[at]!.installRoot}/${s.service.name}/.env`);

  /** Its id on the first machine. */
  const container = async (s: GitlabStage): Promise<string> =>
    (await s.host.exec(`docker ps -q --no-trunc --filter name=${s.service.name}`)).stdout.trim();

  test('are those of the environment, and a rotated one is deployed again from Discord, and seen nowhere', async () => {
    const s = await open();
    const { variables } = s.project.state;
    s.project.addVariable({ key: 'APP_PASSWORD', value: first, scope: 'production', masked: true });
    s.project.addVariable({ key: 'APP_PASSWORD', value: ofStaging, scope: 'staging' });
    await s.startBot();
    expect((await s.through('deploy')).outcome, await s.story()).toBe('succeeded');
    expect((await s.through('deploy', { environment: 'staging' })).outcome, await s.story()).toBe(
      'succeeded',
    );
    expect(await env(s, 0)).toContain(first);
    expect(await env(s, 1)).toContain(ofStaging);
    expect(shown((await s.ask('plan')).reply)).toContain('Nothing to do');

    const place = variables.findIndex(({ value }) => value === first);
    variables[place] = { ...variables[place]!, value: rotated };
    const before = await container(s);
    // One reading of GitLab serves for a few seconds.
    await eventually(async () => {
      const { reply } = await s.ask('plan');
      return !shown(reply).includes('Nothing to do') && shown(reply).includes('.env');
    }, 'a plan with the rotated value');
    expect((await s.through('deploy')).outcome, await s.story()).toBe('succeeded');
    expect(await env(s, 0)).toContain(rotated);
    expect(await env(s, 1)).toContain(ofStaging);
    expect(await container(s)).not.toBe(before);
    expect(shown((await s.ask('plan', { environment: 'staging' })).reply)).toContain('Nothing to do');

    const audit: string[] = [];
    exportAudit(s.database, {}, (line) => void audit.push(line));
    const { commands } = await s.host.traffic();
    const places = {
      discord: await s.everythingSeen(),
      log: s.logged(),
      audit: audit.join('\n'),
      commands: (commands ?? []).join('\n'),
    };
    for (const [where, text] of Object.entries(places))
      for (const value of canaries) expect(text.includes(value), `${value} in ${where}`).toBe(false);
  });

  test('that are hidden, missing, or behind a GitLab that is away, are told apart', async () => {
    const s = await open();
    await s.startBot();
    s.forge.lab.faults.next({
      path: /variables/,
      reply: { status: 403, body: { message: '403 Forbidden' } },
    });
    const away = shown((await s.ask('plan')).reply);
    expect(away).toContain('GitLab could not be asked for it');
    const hidden = s.project.addVariable({ key: 'APP_PASSWORD', value: first, masked: true, hidden: true });
    expect(shown((await s.ask('plan')).reply)).toContain('a hidden variable');
    s.project.state.variables.splice(s.project.state.variables.indexOf(hidden), 1);
    const missing = shown((await s.ask('plan', { environment: 'staging' })).reply);
    expect(missing).toContain('Add it to GitLab for the environment staging');
  });
});
