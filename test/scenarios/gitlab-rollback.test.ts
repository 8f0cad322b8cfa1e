import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSimulatedWorld } from '../../lab/host/simulated-world.ts';
import type { World } from '../../lab/world.ts';
import { openGitlabStage, shown, type GitlabStage } from './gitlab-stage.ts';

/** Back to an earlier release by both routes, with real jobs where a pipeline does it. */
describe('a rollback in a GitLab project', { timeout: 120_000 }, () => {
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

  /** The service runs web:2 and has run web:1 before. */
  const running = async (route: 'engine' | 'pipeline'): Promise<GitlabStage> => {
    const s = await openGitlabStage(world, { gitlab: { route } });
    stage = s;
    await s.defineQuietly();
    await s.startBot();
    expect((await s.through('deploy', { route: 'engine' })).outcome, await s.story()).toBe('succeeded');
    const record = await s.through('deploy', { version: '2', route: 'engine' });
    expect(record.outcome, await s.story()).toBe('succeeded');
    expect(await s.page()).toBe('web 2');
    return s;
  };
  /** Nothing brings the version back that was rolled back: neither a deployment nor somebody else's commit. */
  const staysBack = async (s: GitlabStage): Promise<void> => {
    expect(shown((await s.ask('deploy')).reply)).toContain('Nothing to do');
    const pipeline = await s.pipelineOf(
      await s.services.commit({ 'README.md': '# Services of this house\n' }, 'docs: what this is'),
    );
    expect(pipeline.status, s.project.state.ci.trace(pipeline.jobs[0]!.id)).toBe('success');
    expect(await s.page()).toBe('web 1');
    expect(await s.services.read(s.service.file)).toContain('web:1');
  };

  test('by the pipeline is one commit that its pipeline deploys, and nothing undoes it', async () => {
    const s = await running('pipeline');
    const commits = (await s.services.log()).length;
    const record = await s.through('rollback');
    expect(record.outcome, await s.story()).toBe('succeeded');
    expect(await s.page()).toBe('web 1');
    const log = await s.services.log();
    expect(log.length).toBe(commits + 1);
    expect(log[0]).toContain('rollback(');
    expect(log[0]).toContain('Ana Alvarez');
    const pipeline = await s.pipelineOf(await s.services.head());
    expect(pipeline.status).toBe('success');
    await staysBack(s);
  });

  test('by the engine goes back on the host first; its commit starts no pipeline, and nothing undoes it', async () => {
    const s = await running('engine');
    const record = await s.through('rollback');
    expect(record.outcome, await s.story()).toBe('succeeded');
    expect(await s.page()).toBe('web 1');
    const pipeline = await s.pipelineOf(await s.services.head());
    expect(pipeline).toMatchObject({ status: 'skipped', jobs: [] });
    await staysBack(s);
  });

  test('by the engine does not wait for GitLab, and says that Git still says the other', async () => {
    const s = await running('engine');
    const head = await s.services.head();
    const { reply } = await s.ask('rollback');
    await s.people.ana.click(reply, 'Request approval');
    const card = await s.cardWith('Approve');
    await s.forge.lab.down();
    const approval = await s.approve(s.people.ben, card);
    expect(shown(approval)).toContain('Started');
    await s.finishedAs('degraded');
    expect(await s.page()).toBe('web 1');
    expect(s.channelText()).toContain(`Git still says what ${s.service.name} was before`);
    await s.forge.lab.up();
    expect(await s.services.head()).toBe(head);
  });

  test('asked for while GitLab is away goes by the engine, whatever the route is', async () => {
    const s = await running('pipeline');
    await s.forge.lab.down();
    const record = await s.through('rollback');
    expect(record.outcome, await s.story()).toBe('degraded');
    expect(await s.page()).toBe('web 1');
    await s.forge.lab.up();
    const { reply } = await s.ask('plan');
    expect(shown(reply)).toContain('web:1 → web:2');
  });
});
