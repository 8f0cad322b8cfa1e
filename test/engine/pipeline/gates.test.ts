import { afterEach, describe, expect, test } from 'vitest';
import type { Actor, Plan, Proposal } from '../../../engine/index.ts';
import { planDigest } from '../../../engine/digest.ts';
import { eventually } from '../../eventually.ts';
import { nobodyAsked, oneApproval } from '../engine-house.ts';
import { ana, ben, cleo } from '../fixtures.ts';
import {
  ask,
  codes,
  deploymentOf,
  finish,
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
  (house = await openPipelineHouse({ approvals: oneApproval, people: { olivia: ana.id }, ...options }));

const yes = { verdict: 'approve', reason: null } as const;
const no = { verdict: 'reject', reason: null } as const;
const both: Actor = { ...ana, roles: ['deployers', 'approvers'] };
const gateOf = (h: PipelineHouse): Promise<Proposal> =>
  eventually(() => h.engine.pending()[0], 'a gate', 8_000);

/** A pipeline somebody's push began, at its gate. */
async function pushed(h: PipelineHouse, plan: ((own: Plan) => Plan | string | null) | null): Promise<number> {
  const commit = await h.define(h.image('web:2'));
  const made = (await ask(h, request())).plan;
  const pipeline = h.forge.add({ commit }, jobs);
  toGate(h, pipeline, plan === null ? null : plan(made));
  await h.engine.lookForPipelines(signal());
  return pipeline;
}
const same = (plan: Plan): Plan => plan;
const following = (h: PipelineHouse): string => {
  const [record] = h.store.deployments.recent(1);
  return record!.id;
};

describe('a manual job of a pipeline our own request began', () => {
  test('runs at once where it does what was approved, with the approvers on record', async () => {
    const h = await open();
    const proposal = await ask(h, request({ version: '2' }));
    value(await h.engine.requestApproval(proposal.id, ana, signal()));
    const deployment = deploymentOf(value(await h.engine.vote(proposal.id, ben, yes, signal())));
    const pipeline = await pipelineOf(h, deployment);
    // Numbers are others in a pipeline, and so is the digest.
    const steps = proposal.plan.steps.map((step) => ({ ...step, id: `x ${step.id}` }));
    const theirs = sealed({ ...proposal.plan, steps });
    expect(theirs.digest).not.toBe(proposal.plan.digest);
    toGate(h, pipeline, theirs);
    await until(h, deployment, 'job-played');
    expect(last(h, deployment, 'gate').proposal).toBeNull();
    expect(last(h, deployment, 'job-played')).toMatchObject({ approvedBy: ['ben'], problem: null });
    expect(h.forge.calls).toMatchObject([
      {
        call: 'play',
        variables: { SENTINEL_PLAN_DIGEST: theirs.digest, SENTINEL_APPROVED_BY: 'ben' },
      },
    ]);
    expect(h.engine.pending()).toEqual([]);
    finish(h, pipeline);
    expect((await h.engine.finished(deployment)).outcome).toBe('succeeded');
  });

  test('waits for another approval where it would do something else', async () => {
    const h = await open();
    const proposal = await ask(h, request({ version: '2' }));
    value(await h.engine.requestApproval(proposal.id, ana, signal()));
    const deployment = deploymentOf(value(await h.engine.vote(proposal.id, ben, yes, signal())));
    const pipeline = await pipelineOf(h, deployment);
    toGate(h, pipeline, sealed({ ...proposal.plan, steps: proposal.plan.steps.slice(0, 1) }));
    const gate = await gateOf(h);
    expect(gate).toMatchObject({ requestedBy: { id: ana.id }, request: { kind: 'gate', deployment } });
    expect(gate.plan.steps).toHaveLength(1);
    expect(h.forge.calls).toEqual([]);
  });
});

describe('a manual job of a pipeline a push began', () => {
  test('runs after the quorum and not before, and never by the one who pushed', async () => {
    const h = await open();
    const pipeline = await pushed(h, same);
    const gate = await gateOf(h);
    expect(gate.plan.steps.length).toBeGreaterThan(0);
    expect(codes(await h.engine.vote(gate.id, both, yes, signal()))).toEqual(['own-request']);
    expect(codes(await h.engine.vote(gate.id, { ...ana, id: 'discord:8' }, yes, signal()))).toEqual([
      'not-allowed',
    ]);
    expect(h.forge.calls).toEqual([]);
    const decision = value(await h.engine.vote(gate.id, ben, yes, signal()));
    const deployment = deploymentOf(decision);
    expect(deployment).toBe(following(h));
    expect(h.forge.calls).toMatchObject([
      { call: 'play', variables: { SENTINEL_PLAN_DIGEST: gate.plan.digest, SENTINEL_APPROVED_BY: 'ben' } },
    ]);
    expect(h.engine.proposal(gate.id)).toMatchObject({ state: 'done', deployment });
    finish(h, pipeline);
    expect((await h.engine.finished(deployment)).outcome).toBe('succeeded');
  });

  test('is played once by two approvals at the same moment', async () => {
    const h = await open();
    await pushed(h, same);
    const gate = await gateOf(h);
    const votes = await Promise.all([ben, cleo].map((who) => h.engine.vote(gate.id, who, yes, signal())));
    expect(votes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(votes.flatMap(codes)).toEqual(['already-decided']);
    expect(h.forge.calls).toHaveLength(1);
  });

  test('runs at once where the policy asks nobody', async () => {
    const h = await open({ approvals: nobodyAsked });
    await pushed(h, same);
    await until(h, following(h), 'job-played');
    expect(h.engine.pending()).toEqual([]);
  });

  test('always needs somebody where nobody can say what it does', async () => {
    const h = await open({ approvals: nobodyAsked });
    await pushed(h, null);
    const gate = await gateOf(h);
    expect(gate.plan.risks.map(({ code }) => code)).toEqual(['plan-unknown']);
    expect(gate.rule).toMatchObject({ required: 1, selfApproval: false });
    value(await h.engine.vote(gate.id, ben, yes, signal()));
    expect(h.forge.calls).toMatchObject([{ variables: { SENTINEL_APPROVED_BY: 'ben' } }]);
    expect(JSON.stringify(h.forge.calls)).not.toContain('DIGEST');
  });

  test.each<[string, (plan: Plan) => Plan | string]>([
    ['is no plan', () => '{"steps": 1}'],
    ['has another digest than its content', (plan) => ({ ...plan, risks: [], digest: 'a'.repeat(64) })],
    ['is for another commit', (plan) => sealed({ ...plan, revision: 'f'.repeat(40) })],
    ['is for another environment', (plan) => sealed({ ...plan, environment: 'staging' })],
    ['has steps of a shape nobody knows', (plan) => odd(plan)],
  ])('is not believed when its plan.json %s', async (_what, plan) => {
    const h = await open({ approvals: nobodyAsked });
    await pushed(h, plan);
    expect((await gateOf(h)).plan).toMatchObject({ steps: [], risks: [{ code: 'plan-unknown' }] });
  });

  test('is left alone when somebody rejects, and the deployment says so and goes on', async () => {
    const h = await open();
    const pipeline = await pushed(h, same);
    const gate = await gateOf(h);
    value(await h.engine.vote(gate.id, ben, no, signal()));
    const deployment = following(h);
    await until(h, deployment, 'job-played');
    expect(last(h, deployment, 'job-played').problem?.message).toContain(`ben rejected ${gate.id}`);
    expect(h.forge.calls).toEqual([]);
    h.forge.set(pipeline, 'canceled');
    expect((await h.engine.finished(deployment)).outcome).toBe('cancelled');
    expect(told(h, deployment).filter((line) => line === 'job-played')).toHaveLength(1);
  });

  test('that nobody decides about in time goes on waiting, and that is told', async () => {
    const h = await open({
      approvals: { rules: [], fallback: { ...oneApproval.fallback, expiresSeconds: 0 } },
    });
    await pushed(h, same);
    await gateOf(h);
    h.engine.expire();
    await until(h, following(h), 'job-played');
    expect(last(h, following(h), 'job-played').problem?.code).toBe('proposal-expired');
  });

  test('that somebody lets run in GitLab closes the request', async () => {
    const h = await open();
    const pipeline = await pushed(h, same);
    const gate = await gateOf(h);
    h.forge.job(pipeline, 'deploy_containers', { status: 'running' });
    h.forge.set(pipeline, 'running');
    await eventually(() => h.engine.proposal(gate.id)?.state === 'stale', 'the request to close', 8_000);
    expect(last(h, following(h), 'job-played')).toMatchObject({
      approvedBy: [],
      problem: { code: 'already-decided', message: 'deploy_containers was started in GitLab.' },
    });
    expect(codes(await h.engine.vote(gate.id, ben, yes, signal()))).toEqual(['already-decided']);
    expect(h.forge.calls).toEqual([]);
    finish(h, pipeline);
    await h.engine.finished(following(h));
    const told = h.store.journal.events(following(h)).filter(({ type }) => type === 'job-played');
    expect(told).toHaveLength(1);
  });

  test('whose plan was made anew is asked about again', async () => {
    const h = await open({ pace: { lookMs: 3_600_000, appearMs: 5_000 } });
    const pipeline = await pushed(h, same);
    const gate = await gateOf(h);
    toGate(
      h,
      pipeline,
      sealed({
        ...gate.plan,
        risks: [{ code: 'moves', service: 'app', message: 'it moves', alwaysApprove: false }],
      }),
    );
    const decision = value(await h.engine.vote(gate.id, ben, yes, signal()));
    if (decision.kind !== 'stale') throw new Error(decision.kind);
    expect(decision.moved).toEqual(['new risk: it moves']);
    expect(h.forge.calls).toEqual([]);
    const next = value(decision.next);
    expect(next.state).toBe('pending');
    expect(value(await h.engine.vote(next.id, ben, yes, signal())).kind).toBe('started');
  });

  test('can be approved again when the server was away the first time', async () => {
    const h = await open();
    await pushed(h, same);
    const gate = await gateOf(h);
    h.forge.away = true;
    expect(codes(await h.engine.vote(gate.id, ben, yes, signal()))).toEqual(['forge-unreachable']);
    h.forge.away = false;
    expect(value(await h.engine.vote(gate.id, ben, yes, signal())).kind).toBe('started');
  });
});

function sealed(plan: Plan): Plan {
  return { ...plan, digest: planDigest(plan) };
}
function odd(plan: Plan): string {
  const steps = plan.steps.map((step) => ({ ...step, after: { nonsense: true } }));
  const made = { ...plan, steps } as unknown as Plan;
  return JSON.stringify(sealed(made));
}
