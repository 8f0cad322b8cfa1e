import { afterEach, expect, test } from 'vitest';
import type { Plan, Proposal } from '../../../engine/index.ts';
import { planDigest } from '../../../engine/digest.ts';
import { inventoryText } from '../../../lab/house/definitions.ts';
import { eventually } from '../../eventually.ts';
import { app, nobodyAsked, oneApproval } from '../engine-house.ts';
import { ana, ben } from '../fixtures.ts';
import {
  ask,
  codes,
  deploymentOf,
  events,
  go,
  jobs,
  last,
  openPipelineHouse,
  pipelineOf,
  request,
  signal,
  toGate,
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
  (house = await openPipelineHouse({ approvals: oneApproval, people: { Olivia: ana.id }, ...options }));

const yes = { verdict: 'approve', reason: null } as const;
const gateOf = (h: PipelineHouse): Promise<Proposal> =>
  eventually(() => h.engine.pending()[0], 'a gate', 15_000);
const newest = (h: PipelineHouse): string => h.store.deployments.recent(1)[0]!.id;
const sealed = (plan: Plan): Plan => ({ ...plan, digest: planDigest(plan) });
const played = (h: PipelineHouse): readonly number[] =>
  h.forge.calls.flatMap((each) => (each.call === 'play' ? [each.job % 100] : []));
async function pushedBy(h: PipelineHouse, deployment: string): Promise<string> {
  await until(h, deployment, 'pushed');
  return last(h, deployment, 'git').commit ?? '';
}

test('a plan.json without a word of it hides no change of sentinel.yml: somebody who administers is asked', async () => {
  const h = await open();
  const first = await ask(h, request({ route: 'engine' }));
  value(await h.engine.requestApproval(first.id, ana, signal()));
  await h.engine.finished(deploymentOf(value(await h.engine.vote(first.id, ben, yes, signal()))));
  await h.define(h.image('web:2'));
  const changed = { 'sentinel.yml': `# others\n${inventoryText(h.world)}` };
  const commit = await h.services.commit(changed, 'chore: machines');
  const made = (await ask(h, request())).plan;
  const theirs = sealed({ ...made, risks: made.risks.filter(({ service }) => service !== '') });
  const pipeline = h.forge.add({ commit }, jobs);
  toGate(h, pipeline, theirs);
  await h.engine.lookForPipelines(signal());
  const gate = await gateOf(h);
  expect(gate.plan.risks.map(({ code }) => code)).toContain('inventory-changed');
  expect(gate.requestedBy.id).toBe(ana.id);
  expect(codes(await h.engine.vote(gate.id, ben, yes, signal()))).toEqual(['not-allowed']);
  expect(h.forge.calls).toEqual([]);
});

test('only the job that deploys goes with the plan: any other is asked about, also where the policy asks nobody', async () => {
  const h = await open({ approvals: nobodyAsked, silent: true });
  const proposal = await ask(h, request({ version: '2' }));
  const deployment = deploymentOf(value(await h.engine.start(proposal.id, ana, signal())));
  const commit = await pushedBy(h, deployment);
  const danger = { name: 'wipe_database', stage: 'danger', status: 'manual' } as const;
  const pipeline = h.forge.add({ commit }, [...jobs, danger]);
  toGate(h, pipeline, proposal.plan);
  const gate = await gateOf(h);
  expect(gate).toMatchObject({
    request: { kind: 'gate', job: { name: 'wipe_database' } },
    plan: { steps: [], risks: [{ code: 'plan-unknown' }] },
    rule: { required: 1, selfApproval: false },
  });
  expect(gate.rule.reasons.join()).toContain('not about the job wipe_database');
  expect(played(h)).toEqual([1]);
  expect(h.engine.pending()).toHaveLength(1);
  h.forge.set(pipeline, 'manual');
  value(await h.engine.vote(gate.id, ben, yes, signal()));
  expect(played(h)).toEqual([1, 3]);
});

test('one agreement lets one job deploy: a second one is asked about', async () => {
  const h = await open({ approvals: nobodyAsked, silent: true });
  const proposal = await ask(h, request({ version: '2' }));
  const deployment = deploymentOf(value(await h.engine.start(proposal.id, ana, signal())));
  const commit = await pushedBy(h, deployment);
  const again = { name: 'deploy:again', stage: 'deploy', status: 'manual' } as const;
  toGate(h, h.forge.add({ commit }, [...jobs, again]), proposal.plan);
  const gate = await gateOf(h);
  expect(gate).toMatchObject({
    request: { job: { name: 'deploy:again' } },
    rule: { required: 1, reasons: ['nobody agreed to deploy:again yet'] },
  });
  expect(gate.plan.steps.length).toBeGreaterThan(0);
  expect(played(h)).toEqual([1]);
});

test('a job GitLab refused to start is asked about, and started by whoever agrees', async () => {
  const h = await open({ approvals: nobodyAsked });
  const proposal = await ask(h, request({ version: '2' }));
  const deployment = deploymentOf(value(await h.engine.start(proposal.id, ana, signal())));
  const pipeline = await pipelineOf(h, deployment);
  h.forge.refusal = 'a deployment is going on';
  toGate(h, pipeline, proposal.plan);
  const gate = await gateOf(h);
  expect(gate.rule).toMatchObject({ required: 1, reasons: ['a deployment is going on'] });
  expect(told(h, deployment).filter((line) => /^(gate|job-played)$/.test(line))).toEqual([
    'gate',
    'job-played',
    'gate',
  ]);
  value(await h.engine.vote(gate.id, ben, yes, signal()));
  expect(played(h)).toEqual([1, 1]);
  expect(last(h, deployment, 'job-played').problem).toBeNull();
});

test('of two environments on one branch the plan says which it is, and that one’s policy holds', async () => {
  const terms = { ...oneApproval.fallback, required: 2, environments: ['staging'], categories: [] };
  const h = await open({
    approvals: { rules: [terms], fallback: oneApproval.fallback },
    environments: { production: { branch: 'main' }, staging: { branch: 'main' }, next: { branch: 'next' } },
  });
  const made = (await ask(h, request())).plan;
  const commit = await h.services.head();
  const pipeline = h.forge.add({ commit }, jobs);
  toGate(h, pipeline, sealed({ ...made, revision: commit, environment: 'staging' }));
  await h.engine.lookForPipelines(signal());
  const gate = await gateOf(h);
  expect(gate).toMatchObject({ plan: { environment: 'staging' }, rule: { required: 2 } });
  expect(gate.plan.risks).toEqual(made.risks);
});

test('a change for one of two environments on one branch is not left to a pipeline that cannot know which', async () => {
  const h = await open({
    approvals: nobodyAsked,
    environments: { production: { branch: 'main' }, staging: { branch: 'main' } },
  });
  const refused = await h.engine.propose(request({ version: '2' }), ana, signal());
  expect(codes(refused)).toEqual(['configuration-invalid']);
  expect((await h.engine.propose(request({ version: '2', route: 'engine' }), ana, signal())).ok).toBe(true);
  h.forge.onStart = () => {
    throw new Error('enough was seen');
  };
  await go(h, request({ environment: 'staging' }));
  await eventually(() => h.forge.calls[0], 'a start', 15_000);
  expect(h.forge.calls[0]).toMatchObject({
    variables: { SENTINEL_ENVIRONMENT: 'staging', SENTINEL_SERVICES: app.name },
  });
  expect(events(h, newest(h))[0]).toMatchObject({ plan: { environment: 'staging' } });
});
