import { afterEach, describe, expect, test } from 'vitest';
import type { Tree } from '../../../engine/index.ts';
import { planDigest } from '../../../engine/digest.ts';
import { pipelineDiffers, pipelineFiles } from '../../../engine/pipeline/pipeline-files.ts';
import { eventually } from '../../eventually.ts';
import { oneApproval } from '../engine-house.ts';
import { ana, ben } from '../fixtures.ts';
import {
  ask,
  deploymentOf,
  finish,
  jobs,
  openPipelineHouse,
  pipelineOf,
  request,
  signal,
  toGate,
  until,
  value,
  type PipelineHouse,
} from './support.ts';

function treeOf(files: Readonly<Record<string, string>>): Tree {
  const read = (path: string): string | undefined => files[path];
  return {
    ...{ revision: 'a'.repeat(40), paths: Object.keys(files) },
    ...{ read, blob: read, executable: () => false },
  };
}

test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
  ['nothing where there is none', { 'a.yml': 'x' }, []],
  ['the file itself', { '.gitlab-ci.yml': 'job: { script: [x] }', 'a.yml': '' }, ['.gitlab-ci.yml']],
  [
    'what it includes by path, and what that includes',
    {
      '.gitlab-ci.yml': 'include: /ci/jobs.yml',
      'ci/jobs.yml': 'include: [{ local: ci/more.yml }, "https://x.example/ci/other.yml"]',
      'ci/more.yml': 'include: ci/jobs.yml',
      'ci/other.yml': '',
    },
    ['.gitlab-ci.yml', 'ci/jobs.yml', 'ci/more.yml'],
  ],
  [
    'every file a pattern or a variable may mean',
    {
      '.gitlab-ci.yml': 'include:\n  - local: ci/*.yml\n  - local: env/$STAGE.yml\nx: !reference [a, b]',
      'ci/a.yml': '',
      'ci/deep/b.yml': '',
      'env/x.yml': '',
      'envx.yml': '',
    },
    ['.gitlab-ci.yml', 'ci/a.yml', 'env/x.yml'],
  ],
  ['only itself where nobody can read it', { '.gitlab-ci.yml': 'a: [', 'a.yml': '' }, ['.gitlab-ci.yml']],
])('what jobs do is said by %s', (_what, files, expected) => {
  expect(pipelineFiles(treeOf(files))).toEqual(expected);
});

test('an included file that is other, new or gone makes another pipeline; any other file does not', () => {
  const files = { '.gitlab-ci.yml': 'include: ci/*.yml', 'ci/a.yml': '1', 'service.yml': '1' };
  const differs = (other: Readonly<Record<string, string>>): boolean =>
    pipelineDiffers(treeOf(files), treeOf(other));
  expect(differs({ ...files, 'service.yml': '2' })).toBe(false);
  expect(differs({ ...files, 'ci/a.yml': '2' })).toBe(true);
  expect(differs({ ...files, 'ci/b.yml': '1' })).toBe(true);
  expect(differs({ '.gitlab-ci.yml': 'include: ci/*.yml', 'service.yml': '1' })).toBe(true);
});

describe('a manual job of a pipeline whose jobs changed since the last deployment', () => {
  let house: PipelineHouse | undefined;
  afterEach(async () => {
    await house?.close();
    house = undefined;
  });
  const yes = { verdict: 'approve', reason: null } as const;
  const begin = 'include: ci/jobs.yml\n';

  /** A house where one deployment went well, whose pipeline was these files. */
  async function deployed(): Promise<PipelineHouse> {
    const h = (house = await openPipelineHouse({ approvals: oneApproval }));
    await h.services.commit({ '.gitlab-ci.yml': begin, 'ci/jobs.yml': 'a: {}\n' }, 'ci: jobs');
    const { pipeline, deployment } = await approved(h, '2');
    finish(h, pipeline);
    expect((await h.engine.finished(deployment)).outcome).toBe('succeeded');
    return h;
  }
  /** An approved change, with its pipeline at its gate. */
  async function approved(
    h: PipelineHouse,
    version: string,
  ): Promise<{ readonly deployment: string; readonly pipeline: number }> {
    const proposal = await ask(h, request({ version }));
    value(await h.engine.requestApproval(proposal.id, ana, signal()));
    const deployment = deploymentOf(value(await h.engine.vote(proposal.id, ben, yes, signal())));
    const pipeline = await pipelineOf(h, deployment);
    toGate(h, pipeline, proposal.plan);
    return { deployment, pipeline };
  }

  test('is asked about though its plan is the one that was approved, and acts on that plan only', async () => {
    const h = await deployed();
    await h.services.commit({ 'ci/jobs.yml': 'a: { script: [other] }\n' }, 'ci: other jobs [skip ci]');
    const before = h.forge.calls.length;
    const { deployment } = await approved(h, '1');
    const gate = await eventually(() => h.engine.pending()[0], 'a gate', 8_000);
    expect(gate.plan.risks).toMatchObject([{ code: 'pipeline-changed', alwaysApprove: true }]);
    expect(gate.plan.digest).toBe(planDigest(gate.plan));
    expect(h.forge.calls).toHaveLength(before);
    value(await h.engine.vote(gate.id, ben, yes, signal()));
    const agreed = h.engine.proposal(h.engine.deployment(deployment)?.proposal ?? '')?.plan.digest;
    expect(h.forge.calls.at(-1)).toMatchObject({ variables: { SENTINEL_PLAN_DIGEST: agreed } });
  });

  test('runs at once as before where only services changed', async () => {
    const h = await deployed();
    const { deployment } = await approved(h, '1');
    await until(h, deployment, 'job-played');
    expect(h.engine.pending()).toEqual([]);
  });

  test('is asked about with both risks where it also left no plan', async () => {
    const h = await deployed();
    const { pipeline: next } = await begun(h);
    expect(next).toBeGreaterThan(0);
    const gate = await eventually(() => h.engine.pending()[0], 'a gate', 8_000);
    expect(gate.plan.risks.map(({ code }) => code)).toContain('plan-unknown');
    expect(gate.plan.risks.map(({ code }) => code)).toContain('pipeline-changed');
  });

  /** Somebody's push that changes the jobs, without a plan. */
  async function begun(h: PipelineHouse): Promise<{ readonly pipeline: number }> {
    const commit = await h.services.commit({ '.gitlab-ci.yml': 'a: { script: [x] }\n' }, 'ci: mine');
    const pipeline = h.forge.add({ commit }, jobs);
    toGate(h, pipeline, null);
    await h.engine.lookForPipelines(signal());
    return { pipeline };
  }
});
