import { describe, expect, test } from 'vitest';
import { createPipelines } from '../../../../engine/providers/gitlab/pipelines.ts';
import { openLab } from '../../../lab/gitlab/support.ts';
import { eventually } from '../../../eventually.ts';
import { idle } from '../git/scratch.ts';
import { clientOf, problemOf, valueOf } from './support.ts';

async function openPipelines() {
  const opened = await openLab();
  const gitlab = clientOf(opened);
  const pipelines = createPipelines({ gitlab, project: 'homelab/services' });
  // a pipeline appears a moment after its commit
  const push = async (message = 'feat: more'): Promise<string> => {
    const commit = await opened.project.push({ by: opened.users.dev, files: { more: message }, message });
    const appears = (): boolean => opened.ci.pipelines().some((pipeline) => pipeline.commit === commit);
    if (!message.includes('[skip ci]')) await eventually(appears, 'the pipeline');
    return commit;
  };
  return { ...opened, pipelines, push };
}

describe('the pipelines of a project', () => {
  test('of a commit are found, and none where there is none', async () => {
    const { lab, pipelines, push, project } = await openPipelines();
    const commit = await push();
    const [found, ...others] = await pipelines.ofCommit(commit, idle());
    expect(others).toEqual([]);
    expect(found).toMatchObject({ commit, branch: 'main', status: 'running', source: 'push', by: null });
    expect(found?.url).toBe(`${lab.url}/homelab/services/-/pipelines/${found?.id}`);
    expect(await pipelines.ofCommit(await push('feat: none [skip ci]'), idle())).toEqual([]);
    expect(pipelines.project).toBe(project.path);
    expect(pipelines.number()).toBe(project.id);
  });

  test('that changed since a moment come newest first', async () => {
    const { pipelines, push } = await openPipelines();
    const before = new Date(Date.now() - 1000).toISOString();
    const commits = [await push('one'), await push('two')];
    const found = await pipelines.since(before, idle());
    expect(found.map(({ commit }) => commit)).toEqual(commits.reverse());
    expect(await pipelines.since(new Date(Date.now() + 60_000).toISOString(), idle())).toEqual([]);
  });

  test('are read with who started them and their jobs in the order of the stages', async () => {
    const { ci, pipelines, push } = await openPipelines();
    const [found] = await pipelines.ofCommit(await push(), idle());
    ci.become('plan_deployment', 'success', 'manual');
    const state = await pipelines.read(found!.id, idle());
    expect(state).toMatchObject({ status: 'manual', by: { login: 'dev', name: 'Dev Eloper' } });
    expect(state.jobs.map(({ name, stage, status }) => [stage, name, status])).toEqual([
      ['plan', 'plan_deployment', 'success'],
      ['deploy', 'deploy', 'manual'],
    ]);
  });

  test('show the newest run of a job that was retried, at its old place', async () => {
    const { ask, ci, pipelines, push } = await openPipelines();
    const [found] = await pipelines.ofCommit(await push(), idle());
    ci.become('plan_deployment', 'failed', 'failed');
    const before = await pipelines.read(found!.id, idle());
    await ask(`POST /jobs/${before.jobs[0]!.id}/retry`);
    const after = await pipelines.read(found!.id, idle());
    expect(after.jobs.map(({ name }) => name)).toEqual(['plan_deployment', 'deploy']);
    expect(after.jobs[0]!.id).toBeGreaterThan(before.jobs[1]!.id);
  });

  test('are started with variables, once, whatever becomes of the answer', async () => {
    const { ci, lab, pipelines } = await openPipelines();
    const request = { branch: 'main', variables: { SENTINEL_SERVICES: 'jellyfin', SENTINEL_REQUEST: 'p-1' } };
    const started = valueOf(await pipelines.start(request, idle()));
    expect(ci.pipeline(started.id)).toMatchObject({ source: 'api', variables: request.variables });
    expect(await pipelines.variables(started.id, idle())).toEqual(request.variables);

    lab.faults.next({ method: 'POST', path: /\/pipeline$/, reply: { status: 502, body: {} }, applied: true });
    const other = { branch: 'main', variables: { SENTINEL_REQUEST: 'p-2' } };
    const found = valueOf(await pipelines.start(other, idle()));
    expect(ci.pipeline(found.id)?.variables).toEqual(other.variables);
    expect(ci.pipelines()).toHaveLength(2);

    lab.faults.next({ method: 'POST', path: /\/pipeline$/, cut: true });
    await expect(pipelines.start(other, idle())).rejects.toThrow(/closed the connection/);
    expect(ci.pipelines()).toHaveLength(2);
  });

  test('are not started where GitLab has none, and it says why', async () => {
    const { pipelines } = await openPipelines();
    const problem = problemOf(await pipelines.start({ branch: 'nowhere', variables: {} }, idle()));
    expect(problem).toMatchObject({
      code: 'job-refused',
      message: 'GitLab did not start a pipeline of homelab/services for nowhere: “Reference not found”.',
    });
  });

  test('are cancelled', async () => {
    const { pipelines, push } = await openPipelines();
    const [found] = await pipelines.ofCommit(await push(), idle());
    valueOf(await pipelines.cancel(found!.id, idle()));
    expect((await pipelines.read(found!.id, idle())).status).toBe('canceled');
    expect(problemOf(await pipelines.cancel(99_999, idle())).code).toBe('forge-refused');
  });
});

describe('a manual job', () => {
  const variables = { SENTINEL_PLAN_DIGEST: 'abc' };
  async function openGate() {
    const opened = await openPipelines();
    const [found] = await opened.pipelines.ofCommit(await opened.push(), idle());
    opened.ci.become('plan_deployment', 'success', 'manual');
    const { jobs } = await opened.pipelines.read(found!.id, idle());
    return { ...opened, job: jobs[1]!.id, plan: jobs[0]!.id };
  }

  test('is played with its variables', async () => {
    const { ci, pipelines, job } = await openGate();
    expect(valueOf(await pipelines.play({ job, variables }, idle()))).toEqual({ played: true });
    expect(ci.job(job)?.status).toBe('pending');
    expect(await pipelines.log(job, idle())).toBe('playing with SENTINEL_PLAN_DIGEST');
  });

  test('that somebody played before runs, which is what was wanted', async () => {
    const { ask, pipelines, job } = await openGate();
    await ask(`POST /jobs/${job}/play`);
    expect(valueOf(await pipelines.play({ job, variables }, idle()))).toEqual({ played: false });
  });

  test.each([[true], [false]])('is played once when the answer is lost (applied: %s)', async (applied) => {
    const { ci, lab, pipelines, job } = await openGate();
    lab.faults.next({ method: 'POST', path: /\/play$/, cut: true, applied });
    expect(valueOf(await pipelines.play({ job, variables }, idle()))).toEqual({ played: true });
    expect(ci.job(job)?.status).toBe('pending');
  });

  test('that ended otherwise is not played, in GitLab’s words', async () => {
    const { ci, pipelines, job } = await openGate();
    ci.become('deploy', 'skipped', 'success');
    expect(problemOf(await pipelines.play({ job, variables }, idle()))).toMatchObject({
      code: 'job-refused',
      message: expect.stringMatching(
        /the job deploy of homelab\/services, which is skipped: “400 Bad request - Unplayable Job”/,
      ) as string,
    });
  });

  test('is not played by somebody who may not', async () => {
    const { project, job, ...opened } = await openGate();
    project.protectBranch('main');
    const theirs = createPipelines({ gitlab: clientOf(opened as never, 'dev'), project: 'homelab/services' });
    const problem = problemOf(await theirs.play({ job, variables }, idle()));
    expect(problem).toMatchObject({
      code: 'job-refused',
      message: expect.stringContaining('403 Forbidden') as string,
    });
    expect(problem.hint).toContain('protected branches');
  });

  test('has an empty log before it starts; an unknown one too', async () => {
    const { pipelines, job } = await openGate();
    expect(await pipelines.log(job, idle())).toBe('');
    expect(await pipelines.log(99_999, idle())).toBe('');
  });

  test('leaves files, and null where there is none', async () => {
    const { lab, pipelines, plan } = await openGate();
    expect(await pipelines.artifact({ job: plan, path: 'out/plan.json' }, idle())).toBe(`{"job":${plan}}`);
    expect(await pipelines.artifact({ job: plan, path: 'missing ü#?.json' }, idle())).toBeNull();
    const raw = (type: string, content: Buffer) => ({ status: 200, raw: { type, content } });
    lab.faults.next({ path: /\/artifacts\//, reply: raw('application/json', Buffer.from('{"a":1}')) });
    expect(await pipelines.artifact({ job: plan, path: 'plan.json' }, idle())).toBe('{"a":1}');
    lab.faults.next({ path: /\/artifacts\//, reply: raw('text/plain', Buffer.alloc(1024 * 1024 + 1, 'x')) });
    expect(await pipelines.artifact({ job: plan, path: 'plan.json' }, idle())).toBeNull();
  });
});

test('jobs of child pipelines are told with their parent’s, those of other projects are not', async () => {
  const { lab, pipelines, push } = await openPipelines();
  const [parent] = await pipelines.ofCommit(await push('parent'), idle());
  const [child] = await pipelines.ofCommit(await push('child'), idle());
  const bridge = (id: number, name: string, downstream: object) => ({
    ...{ id, name, stage: 'deploy', status: 'running', allow_failure: false },
    pipeline: { id: parent!.id, project_id: 1 },
    downstream_pipeline: downstream,
  });
  const bridges = [
    bridge(900_000, 'media', { id: child!.id, project_id: 1 }),
    bridge(900_001, 'elsewhere', { id: child!.id, project_id: 2 }),
  ];
  lab.faults.next({
    path: new RegExp(`/pipelines/${parent!.id}/bridges`),
    reply: { status: 200, body: bridges },
  });
  const { jobs } = await pipelines.read(parent!.id, idle());
  expect(jobs.map(({ name }) => name)).toEqual([
    'plan_deployment',
    'deploy',
    'media',
    'plan_deployment',
    'deploy',
    'elsewhere',
  ]);
});

test('a stop reaches the child of a pipeline that is over itself', async () => {
  const { lab, pipelines, push } = await openPipelines();
  const [parent] = await pipelines.ofCommit(await push('parent'), idle());
  const [child] = await pipelines.ofCommit(await push('child'), idle());
  valueOf(await pipelines.cancel(parent!.id, idle()));
  expect((await pipelines.read(child!.id, idle())).status).not.toBe('canceled');
  const bridge = {
    ...{ id: 900_000, name: 'media', stage: 'deploy', status: 'success', allow_failure: false },
    pipeline: { id: parent!.id, project_id: 1 },
    downstream_pipeline: { id: child!.id, project_id: 1 },
  };
  lab.faults.next({
    path: new RegExp(`/pipelines/${parent!.id}/bridges`),
    reply: { status: 200, body: [bridge] },
  });
  valueOf(await pipelines.cancel(parent!.id, idle()));
  expect((await pipelines.read(child!.id, idle())).status).toBe('canceled');
});
