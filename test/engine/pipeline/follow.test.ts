import { afterEach, describe, expect, test } from 'vitest';
import { webService } from '../../../lab/house/definitions.ts';
import { ProblemError, type PipelineSummary } from '../../../engine/index.ts';
import { app } from '../engine-house.ts';
import { ana, ben } from '../fixtures.ts';
import {
  ask,
  codes,
  finish,
  go,
  last,
  openPipelineHouse,
  pipelineOf,
  request,
  signal,
  told,
  until,
  value,
  type PipelineHouse,
} from './support.ts';

let house: PipelineHouse | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});
const open = async (options: Parameters<typeof openPipelineHouse>[0] = {}): Promise<PipelineHouse> =>
  (house = await openPipelineHouse(options));

describe('a version by the pipeline', () => {
  test('is published, its pipeline followed job by job, and no lock of a host is taken', async () => {
    const h = await open();
    const deployment = await go(h, request({ version: '2' }));
    const pipeline = await pipelineOf(h, deployment);
    expect(await h.services.read(app.file)).toContain('web:2');
    h.forge.job(pipeline, 'deploy_containers', { status: 'running' });
    await until(h, deployment, 'deploy_containers running');
    expect(h.store.locks.all().map(({ key }) => key)).toEqual(['service:production/app']);
    finish(h, pipeline);
    expect((await h.engine.finished(deployment)).outcome).toBe('succeeded');
    expect(told(h, deployment)).toEqual([
      ...['started', 'pushing', 'pushed', 'pipeline running'],
      ...['plan_deployment waiting', 'deploy_containers waiting', 'verify_services waiting'],
      ...['deploy_containers running', 'plan_deployment success', 'deploy_containers success'],
      ...['verify_services success', 'pipeline success', 'finished'],
    ]);
    expect(last(h, deployment, 'finished').services).toEqual({ app: 'succeeded' });
    expect(h.store.locks.all()).toEqual([]);
    expect(h.world.hosts).toHaveLength(1);
  });

  test('is found under the commit the server made of it', async () => {
    const h = await open({ rewrites: true });
    const proposal = await ask(h, request({ version: '2' }));
    const decision = value(await h.engine.start(proposal.id, ana, signal()));
    if (decision.kind !== 'started') throw new Error(decision.kind);
    const pipeline = await pipelineOf(h, decision.deployment);
    const git = last(h, decision.deployment, 'git');
    expect(git).toMatchObject({
      action: 'pushed',
      commit: await h.services.head(),
      url: 'https://git.home/c',
    });
    expect(git.commit).not.toBe(proposal.draft?.commit);
    finish(h, pipeline);
    expect((await h.engine.finished(decision.deployment)).outcome).toBe('succeeded');
  });

  test('that no pipeline was created for ends with the reason that can be seen', async () => {
    const h = await open({ silent: true, pace: { lookMs: 20, appearMs: 100 } });
    const deployment = await go(h, request({ version: '2' }));
    expect((await h.engine.finished(deployment)).outcome).toBe('failed');
    expect(last(h, deployment, 'finished').problem).toMatchObject({
      code: 'pipeline-missing',
      message: expect.stringContaining('because the commit has no .gitlab-ci.yml') as string,
    });
  });

  test('that a job stopped says which one, why, and what it said, without the value of a secret', async () => {
    const h = await open({ secrets: { TOKEN: 'hunter2hunter2' } });
    const [host] = h.world.hosts;
    const definition = { name: app.name, host: host!.name, image: h.image('web:1'), port: 18_080 };
    const secretly = webService({ ...definition, more: '  secrets:\n    - name: TOKEN' });
    await h.services.commit({ [app.file]: secretly }, 'feat: a secret');
    const deployment = await go(h, request({ version: '2' }));
    const pipeline = await pipelineOf(h, deployment);
    h.forge.logs(pipeline, 'deploy_containers', 'login with hunter2hunter2\nno such image');
    h.forge.job(pipeline, 'deploy_containers', { status: 'failed', failure: 'script_failure' });
    h.forge.set(pipeline, 'failed');
    expect((await h.engine.finished(deployment)).outcome).toBe('failed');
    expect(last(h, deployment, 'finished').problem).toMatchObject({
      code: 'pipeline-failed',
      message: 'Job deploy_containers of stage deploy failed: script failure.',
      evidence: [{ title: 'log of deploy_containers', text: 'login with [secret TOKEN]\nno such image' }],
    });
    expect(JSON.stringify(h.store.journal.events(deployment))).not.toContain('hunter2');
  });

  test('whose verify job undid it is rolled back, service by service', async () => {
    const h = await open();
    const deployment = await go(h, request({ version: '2' }));
    const pipeline = await pipelineOf(h, deployment);
    h.forge.artifact(
      pipeline,
      'verify_services',
      'result.json',
      JSON.stringify({
        ...{ command: 'verify', outcome: 'rolled-back', services: { app: 'rolled-back' } },
        problem: { code: 'health-failed', message: 'app never became healthy.' },
        ...{ deployment: 'd-1', revision: null, environment: 'production' },
      }),
    );
    h.forge.job(pipeline, 'verify_services', { status: 'failed', failure: 'script_failure' });
    h.forge.set(pipeline, 'failed');
    expect((await h.engine.finished(deployment)).outcome).toBe('rolled-back');
    expect(last(h, deployment, 'finished')).toMatchObject({
      services: { app: 'rolled-back' },
      problem: { message: expect.stringContaining('app never became healthy.') as string },
    });
  });

  test('with a failed job that may fail is degraded', async () => {
    const h = await open();
    const deployment = await go(h, request({ version: '2' }));
    const pipeline = await pipelineOf(h, deployment);
    finish(h, pipeline);
    h.forge.job(pipeline, 'verify_services', { status: 'failed', allowFailure: true });
    expect((await h.engine.finished(deployment)).outcome).toBe('degraded');
  });
});

describe('what goes wrong on the way', () => {
  test('a server that is away for a while is waited for, and what happened meanwhile is told', async () => {
    const h = await open();
    const deployment = await go(h, request({ version: '2' }));
    const pipeline = await pipelineOf(h, deployment);
    await until(h, deployment, 'verify_services waiting');
    h.forge.away = true;
    const before = h.forge.asked();
    finish(h, pipeline);
    await expect.poll(() => h.forge.asked()).toBeGreaterThan(before + 3);
    expect(h.engine.deployment(deployment)?.outcome).toBeNull();
    h.forge.away = false;
    expect((await h.engine.finished(deployment)).outcome).toBe('succeeded');
  });

  test('a stop cancels the pipeline; where the hosts were being changed, a person has to look', async () => {
    const h = await open();
    const calm = await go(h, request({ version: '2' }));
    const first = await pipelineOf(h, calm);
    value(h.engine.abort(calm, ana));
    expect((await h.engine.finished(calm)).outcome).toBe('cancelled');
    expect(h.forge.calls).toEqual([{ call: 'cancel', pipeline: first }]);
    const hot = await go(h, request({ version: '1' }));
    const second = await pipelineOf(h, hot);
    h.forge.job(second, 'deploy_containers', { status: 'running', startedAt: '2026-11-21T10:00:00.000Z' });
    await until(h, hot, 'deploy_containers running');
    expect(codes(h.engine.abort(hot, ben))).toEqual(['not-allowed']);
    value(h.engine.abort(hot, ana));
    expect((await h.engine.finished(hot)).outcome).toBe('needs-attention');
  });

  test('news make it look at once, and news repeated or of the past change nothing', async () => {
    const h = await open({ pace: { lookMs: 3_600_000, appearMs: 5_000 } });
    const deployment = await go(h, request({ version: '2' }));
    const pipeline = await pipelineOf(h, deployment);
    await until(h, deployment, 'verify_services waiting');
    h.forge.job(pipeline, 'plan_deployment', { status: 'success' });
    const news = { project: 'homelab/services', pipeline };
    for (const one of [news, news, { ...news, project: '17' }]) h.engine.pipelineNews(one);
    await until(h, deployment, 'plan_deployment success');
    finish(h, pipeline);
    h.engine.pipelineNews(news);
    await h.engine.finished(deployment);
    h.engine.pipelineNews(news);
    await h.engine.lookForPipelines(signal());
    expect(told(h, deployment).filter((line) => line === 'plan_deployment success')).toHaveLength(1);
    expect(h.store.deployments.recent(5)).toHaveLength(1);
  });
});

describe('the same again', () => {
  test('starts a pipeline for this service alone, also where the answer to that is lost', async () => {
    const h = await open();
    const head = await h.services.head();
    h.forge.onStart = (branch) => {
      h.forge.add({ commit: head, source: 'api', branch }, []);
      return { ...empty, id: 101, commit: head, branch };
    };
    h.forge.loseAnswer = true;
    const proposal = await ask(h, request());
    const decision = value(await h.engine.start(proposal.id, ana, signal()));
    if (decision.kind !== 'started') throw new Error(decision.kind);
    expect(await pipelineOf(h, decision.deployment)).toBe(101);
    expect(h.forge.calls).toEqual([
      {
        ...{ call: 'start', branch: 'main' },
        variables: {
          SENTINEL_SERVICES: 'app',
          SENTINEL_ENVIRONMENT: 'production',
          SENTINEL_REQUEST: proposal.id,
        },
      },
    ]);
    h.forge.set(101, 'success');
    expect((await h.engine.finished(decision.deployment)).outcome).toBe('succeeded');
  });

  test('is not taken for a pipeline others started for the same commit', async () => {
    const h = await open({ pace: { lookMs: 20, appearMs: 300 } });
    const commit = await h.services.head();
    h.forge.onStart = () => {
      h.forge.add({ commit, source: 'api' }, []);
      throw new ProblemError({ code: 'forge-unreachable', message: 'nobody answers' });
    };
    const deployment = await go(h, request());
    expect((await h.engine.finished(deployment)).outcome).toBe('failed');
    expect(told(h, deployment)).not.toContain('pipeline running');
  });

  test('is refused with the server’s words where nothing can be started', async () => {
    const h = await open();
    const deployment = await go(h, request());
    expect((await h.engine.finished(deployment)).outcome).toBe('failed');
    expect(last(h, deployment, 'finished').problem?.code).toBe('job-refused');
  });
});

const empty: Pick<PipelineSummary, 'url' | 'status' | 'source' | 'createdAt' | 'by'> = {
  ...{ url: '', status: 'running', source: 'api', createdAt: new Date().toISOString(), by: null },
};

test('a repository without pipelines cannot be deployed by one, and says so before anything is planned', async () => {
  const { openEngineHouse } = await import('../engine-house.ts');
  const h = await openEngineHouse();
  await h.define(h.image('web:1'));
  expect(codes(await h.engine.propose(request({ route: 'pipeline' }), ana, signal()))).toEqual([
    'configuration-invalid',
  ]);
  await h.close();
});
