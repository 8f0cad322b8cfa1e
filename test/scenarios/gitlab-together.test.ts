import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSimulatedWorld } from '../../lab/host/simulated-world.ts';
import type { World } from '../../lab/world.ts';
import { eventually } from '../eventually.ts';
import { openAround, type Around } from './around.ts';
import { openGitlabStage, shown, type GitlabStage } from './gitlab-stage.ts';

/** The command line in the project's jobs and the bot's own engine, about one service. */
describe('the pipeline and the bot together', { timeout: 120_000 }, () => {
  let world: World;
  let systems: Around | undefined;
  let stage: GitlabStage | undefined;
  beforeAll(async () => {
    world = await createSimulatedWorld();
  });
  afterAll(() => world.close());
  afterEach(async () => {
    await stage?.close();
    await systems?.close();
    [stage, systems] = [undefined, undefined];
  }, 60_000);

  test('each sees what the other left, and takes away what the other made', async () => {
    systems = await openAround(world);
    const { inventory, secrets, sendTo, domain } = systems;
    stage = await openGitlabStage(world, {
      ...{ inventory, secrets, sendTo, variables: secrets, gitlab: { route: 'engine' } },
    });
    const s = stage;
    const around = (sub: string): string => `dns:\n  hostname: ${sub}\n  ip: 10.1.1.1`;
    const answers = async (sub: string): Promise<boolean> =>
      (await systems?.resolve(`${sub}.${domain}`))?.includes('10.1.1.1') ?? false;
    const good = async (): Promise<void> => {
      const status = await s.people.ana.command('status', { service: s.service.name });
      const text = shown(await status.reply({ within: 60_000 }));
      expect(text).toContain(`✅ ${s.service.name}`);
      expect(text).not.toMatch(/🔴|🟠|🟡|❌/);
      expect(shown((await s.ask('plan')).reply)).toContain('Nothing to do');
    };
    await s.startBot();

    const first = await s.pipelineOf(await s.define({ around: around('first') }));
    expect(first.status, s.project.state.ci.trace(first.jobs[0]!.id)).toBe('success');
    expect(await answers('first')).toBe(true);
    await good();

    // Pi-hole has no place for a mark: that the name is ours stands on the host.
    await s.defineQuietly({ around: around('second') });
    expect((await s.through('deploy', { version: '2' })).outcome, await s.story()).toBe('succeeded');
    expect([await answers('first'), await answers('second')]).toEqual([false, true]);
    await good();

    const third = await s.pipelineOf(await s.define({ image: s.image('web:2'), around: around('third') }));
    expect(third.status, s.project.state.ci.trace(third.jobs[0]!.id)).toBe('success');
    expect([await answers('second'), await answers('third')]).toEqual([false, true]);
    await good();
  });

  test('at the same time: the bot says who holds the service', async () => {
    stage = await openGitlabStage(world, { gitlab: { route: 'engine' } });
    const s = stage;
    await s.defineQuietly();
    await s.startBot();
    expect((await s.through('deploy')).outcome, await s.story()).toBe('succeeded');
    const lock = (): Promise<string | undefined> =>
      s.host.readFile(`${s.host.installRoot}/${s.service.name}/.sentinel/lock`);

    // A version that never becomes healthy takes its time before it is put back.
    await s.ask('deploy', { version: '2' });
    const card = await s.cardWith('Approve');
    const byJob = await s.define({ image: s.image('sick:1'), retries: 6 });
    await eventually(async () => (await lock())?.includes('ci:'), 'the job to hold the service');
    const refused = shown(await s.approve(s.people.ben, card));
    expect(refused).toMatch(/ci:|Out of date|out of date/);
    await s.pipelineOf(byJob);
    expect(await s.page()).toBe('web 1');
  });
});
