import { describe, expect, test } from 'vitest';
import { eventually } from '../../eventually.ts';
import { openLab } from './support.ts';

async function openPipeline() {
  const opened = await openLab();
  const { project, users, ci } = opened;
  await project.push({ by: users.dev, files: { 'README.md': 'x' }, message: 'docs: x' });
  const pipeline = await eventually(() => ci.pipelines()[0]);
  const gate = pipeline.jobs.find(({ name }) => name === 'deploy')!;
  return { ...opened, pipeline, gate, jobs: `/pipelines/${pipeline.id}/jobs` };
}

describe('a pipeline after a push', () => {
  test('appears later where that is asked for, never, or not at all with [skip ci]', async () => {
    const { project, users, client, ci } = await openLab();
    const push = (message: string) =>
      project.push({ by: users.dev, files: { 'README.md': message }, message });
    await push('docs: quiet [skip ci]');
    project.state.pipelineDelay = 'never';
    await push('docs: lost');
    project.state.pipelineDelay = 80;
    const sha = await push('docs: late');
    expect(await client().Pipelines.all(project.id, { sha })).toEqual([]);
    await eventually(async () => (await client().Pipelines.all(project.id, { sha })).length === 1);
    expect(ci.pipelines().map(({ commit }) => commit)).toEqual([sha]);
  });

  test('is found by commit, status, source and time; who started it is only on its own page', async () => {
    const { client, project, pipeline } = await openPipeline();
    const wanted = { sha: pipeline.commit, status: 'running', source: 'push' } as const;
    const [found] = await client().Pipelines.all(project.id, wanted);
    expect(found).toMatchObject({ id: pipeline.id, ref: 'main' });
    expect(found).not.toHaveProperty('user');
    expect(await client().Pipelines.show(project.id, pipeline.id)).toMatchObject({
      user: { username: 'dev' },
    });
    expect(await client().Pipelines.showLatest(project.id, { ref: 'main' })).toMatchObject({
      id: pipeline.id,
    });
    expect(await client().Pipelines.all(project.id, { updatedAfter: '2999-01-01T00:00:00Z' })).toEqual([]);
  });
});

describe('starting a pipeline', () => {
  test('takes variables, and shows them', async () => {
    const { client, project } = await openLab();
    const variables = [{ key: 'SENTINEL_SERVICES', value: 'jellyfin' }];
    const made = await client().Pipelines.create(project.id, 'main', { variables });
    expect(made).toMatchObject({ source: 'api', sha: await project.head() });
    expect(await client().Pipelines.allVariables(project.id, made.id)).toMatchObject(variables);
  });

  test('is refused without a file, without a branch, and on a protected one to who may not', async () => {
    const { ask, project, users } = await openLab();
    const base = (text: unknown) => ({ status: 400, body: { message: { base: [text] } } });
    expect(await ask('POST /pipeline', { ref: 'nowhere' })).toMatchObject(base('Reference not found'));
    project.protectBranch('main');
    expect(await ask('POST /pipeline', { ref: 'main' }, 'dev')).toMatchObject(
      base(expect.stringContaining('You do not have sufficient permission to run a pipeline')),
    );
    await project.push({ by: users.maya, files: { '.gitlab-ci.yml': null }, message: 'ci: none' });
    expect(await ask('POST /pipeline', { ref: 'main' })).toMatchObject(base('Missing CI config file'));
  });
});

describe('a manual job', () => {
  test('is played once, with variables, by who may change the branch', async () => {
    const { client, project, gate, ask } = await openPipeline();
    project.protectBranch('main');
    const play = { job_variables_attributes: [{ key: 'SENTINEL_PLAN_DIGEST', value: 'abc' }] };
    expect(await ask(`POST /jobs/${gate.id}/play`, play, 'dev')).toMatchObject({
      ...{ status: 403, body: { message: '403 Forbidden' } },
    });
    expect((await client().Jobs.show(project.id, gate.id)).status).toBe('manual');
    const jobVariablesAttributes = [{ key: 'SENTINEL_PLAN_DIGEST', value: 'abc' }];
    const played = await client().Jobs.play(project.id, gate.id, { jobVariablesAttributes });
    expect(played).toMatchObject({ id: gate.id, status: 'pending', user: { username: 'maya' } });
    expect(await ask(`POST /jobs/${gate.id}/play`, play)).toMatchObject({
      ...{ status: 400, body: { message: '400 Bad request - Unplayable Job' } },
    });
    expect(await client().Jobs.showLog(project.id, gate.id)).toBe('playing with SENTINEL_PLAN_DIGEST\n');
  });

  test('that failed is retried as another job; the old one is only listed when asked for', async () => {
    const { client, project, ask, gate, ci, pipeline, jobs } = await openPipeline();
    expect(await ask(`POST /jobs/${gate.id}/retry`)).toMatchObject({
      ...{ status: 403, body: { message: '403 Forbidden - Job is not retryable' } },
    });
    ci.become('deploy', 'failed', 'failed');
    const again = await client().Jobs.retry(project.id, gate.id);
    expect(again.id).not.toBe(gate.id);
    const ids = async (query = '') =>
      ((await ask(`GET ${jobs}${query}`)).body as { id: number }[]).map(({ id }) => id);
    expect(await ids()).toEqual([again.id, pipeline.jobs[0]!.id]);
    expect(await ids('?include_retried=true')).toContain(gate.id);
  });
});

test('jobs are listed by status, newest first, without totals; there are no child pipelines', async () => {
  const { client, project, ask, jobs, pipeline, gate } = await openPipeline();
  const manual = await ask(`GET ${jobs}?scope[]=manual&scope[]=failed`);
  expect(manual.body).toMatchObject([{ id: gate.id, name: 'deploy', stage: 'deploy', allow_failure: false }]);
  expect(manual.headers.get('x-total')).toBeNull();
  expect(await ask(`GET ${jobs}?scope[]=wrong`)).toMatchObject({ status: 400 });
  expect(await client().Jobs.allPipelineBridges(project.id, pipeline.id)).toEqual([]);
});

test('a file of the artifacts is there as it was written, others are not', async () => {
  const { client, project, gate, ask } = await openPipeline();
  const file = await client().JobArtifacts.downloadArchive(project.id, {
    jobId: gate.id,
    artifactPath: 'out/plan.json',
  });
  expect(await file.text()).toBe(`{"job":${gate.id}}`);
  expect((await ask(`GET /jobs/${gate.id}/artifacts/none.json`)).status).toBe(404);
});

test('a pipeline is canceled', async () => {
  const { client, project, pipeline } = await openPipeline();
  await client().Pipelines.cancel(project.id, pipeline.id);
  expect(await client().Pipelines.show(project.id, pipeline.id)).toMatchObject({ status: 'canceled' });
});
