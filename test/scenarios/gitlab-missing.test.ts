import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startCi } from '../../lab/gitlab/ci/start-ci.ts';
import type { CiOptions } from '../../lab/gitlab/ci/types.ts';
import { createSimulatedWorld } from '../../lab/host/simulated-world.ts';
import type { World } from '../../lab/world.ts';
import { eventually } from '../eventually.ts';
import { openGitlabStage, shown, tinyPipeline, type GitlabStage } from './changes-stage.ts';

/** As GitLab itself does it. */
const skippedPipelines = {
  ci: (options: CiOptions) => startCi({ ...options, skipped: 'pipeline' }),
} as const;
const skipping = { appear: '3s', environments: '    message: "{subject} [skip ci]"' } as const;

describe('a pipeline that does not appear', { timeout: 60_000 }, () => {
  let world: World;
  let stage: GitlabStage | undefined;
  beforeAll(async () => {
    world = await createSimulatedWorld({ hosts: 1 });
  });
  afterAll(() => world.close());
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  }, 60_000);
  const open = async (options: Parameters<typeof openGitlabStage>[1]): Promise<GitlabStage> => {
    stage = await openGitlabStage(world, { appear: '3s', ...options });
    return stage;
  };
  /** A new version, agreed to; what the card of its deployment says in the end. */
  const told = async (s: GitlabStage): Promise<string> => {
    await s.agree(await s.askFor('2'));
    await s.ended('failed');
    expect(await s.services.read(s.service.file)).toContain('web:2');
    expect(await s.page()).toBeNull();
    return s.seen('failed', 'No pipeline was created');
  };

  test('is told with the reason that is left, and what to do', async () => {
    const s = await open({});
    s.gitlab.project.state.pipelineDelay = 'never';
    const card = await told(s);
    expect(card).toContain('Nothing was deployed.');
    expect(card).toContain('workflow: rules');
    expect(card).toContain('Start a pipeline in GitLab');
  });

  test('for want of a .gitlab-ci.yml is told so, and the engine can do it instead', async () => {
    const s = await open({ pipeline: null });
    const card = await told(s);
    expect(card).toContain('has no .gitlab-ci.yml');
    expect(card).toContain('sentinel init');
    const { card: again } = await s.ask('deploy', { route: 'engine' });
    await s.agree(await again());
    await s.ended('succeeded');
    expect(await s.page()).toBe('web 2');
  });

  test('cannot be started either where there is no .gitlab-ci.yml', async () => {
    const s = await open({ pipeline: null });
    const { card } = await s.ask('deploy');
    await s.agree(await card());
    await s.ended('failed');
    expect(await s.seen('failed', 'before a pipeline began')).toContain('Missing CI config file');
  });

  test('because the message says [skip ci] is told so', async () => {
    const s = await open(skipping);
    expect(await told(s)).toContain('its message says [skip ci]');
    expect(s.gitlab.project.state.ci.pipelines()).toEqual([]);
  });

  test('but in name only, marked as skipped, is told at once as the one that was not created', async () => {
    const s = await open({ ...skipping, ...skippedPipelines, appear: '60s' });
    expect(await told(s)).toContain('its message says [skip ci]');
    expect(s.gitlab.project.state.ci.pipelines()).toMatchObject([{ status: 'skipped', jobs: [] }]);
  });

  test('and was skipped by somebody outside is no news', async () => {
    const s = await open({ ...skippedPipelines, pipeline: null });
    const { ci } = s.gitlab.project.state;
    await s.services.commit({ '.gitlab-ci.yml': tinyPipeline }, 'ci: quietly [skip ci]');
    await eventually(() => ci.pipelines().length === 1, 'the skipped pipeline');
    await s.services.commit({ 'README.md': 'hello\n' }, 'docs: hello');
    const card = await s.seen('Started in GitLab by a push', 'succeeded');
    expect(card).toContain('by Olivia Owner');
    expect(s.channel().filter((message) => shown(message).includes('Started in GitLab'))).toHaveLength(1);
    expect(ci.pipelines().map(({ status }) => status)).toEqual(['success', 'skipped']);
  });
});
