import { expect, test } from 'vitest';
import type { Happening, Request } from '../../engine/index.ts';
import { eventually } from '../eventually.ts';
import { botLab, labelsOf } from './support/bot-lab.ts';
import { afterGate, gate, jobOf, pipeline, played, untilGate } from './support/pipelines.ts';
import { ada, planOf, proposalOf } from './support/plans.ts';

const rule = { required: 1, selfApproval: false, expiresSeconds: 3600, roles: [], reasons: [] };
const deployment = 'd-2345gh';
const started: Extract<Happening, { readonly type: 'started' }> = {
  ...{ type: 'started', plan: planOf(), proposal: null, actor: ada, approvedBy: [] },
  request: { kind: 'pipeline', repository: 'homelab', pipeline: 812 },
};
const request: Request = {
  ...{ kind: 'gate', repository: 'homelab', pipeline: 812, deployment },
  job: { id: jobOf('approve', 'approve_deploy', 'manual').id, name: 'approve_deploy' },
};

test('a pipeline nobody asked for is told, and its manual job asked about, in cards that stay up to date', async () => {
  const lab = await botLab();
  const { engine, store } = await lab.start();
  engine.happen(deployment, started);
  for (const happening of untilGate) engine.happen(deployment, happening);
  const first = await lab.card('Deploy grafana · production · running');
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  store.proposals.create(proposalOf({ id: 'p-gate', request, rule, state: 'pending', expiresAt }));
  engine.happen(deployment, gate('p-gate'));
  const question = await lab.card('Approval needed · Let approve\\_deploy run?');
  expect(question.embeds[0]?.description).toContain(
    '[Pipeline 812](https://gitlab.home.lan/homelab/services/-/pipelines/812)',
  );
  expect(labelsOf(question)).toEqual(['Approve', 'Reject…', 'Full diff']);
  // its card is there a moment later
  const waits = () => lab.card('✋ Deploy grafana · production · waits for approval');
  const leads = async () => (await waits()).embeds[0]?.description?.includes(`/${question.id})`) ?? false;
  await eventually(leads, 'a link to the request', 10_000);
  expect((await waits()).id).toBe(first.id);
  store.proposals.move('p-gate', ['pending'], 'running', { deployment });
  engine.happen(deployment, played(['discord:100000000000000002']));
  expect((await lab.card('Approved · Let approve\\_deploy run?')).id).toBe(question.id);
  for (const happening of afterGate) engine.happen(deployment, happening);
  const last = await lab.card('Deploy grafana · production · degraded');
  expect(last.id).toBe(first.id);
  expect(labelsOf(last)).toContain('Pipeline');
});

test('a pipeline that goes on while Sentinel is away is told to its end afterwards', async () => {
  const lab = await botLab();
  const first = await lab.start();
  first.engine.happen(deployment, started);
  first.engine.happen(deployment, pipeline('running'));
  const card = await lab.card('running');
  await first.die();
  const store = lab.openStore();
  const seq = store.journal.events(deployment).length;
  for (const [n, happening] of afterGate.entries())
    store.journal.append({ deployment, seq: seq + n + 1, at: new Date().toISOString(), ...happening });
  store.close();
  await lab.start();
  expect((await lab.card('degraded')).id).toBe(card.id);
});

test('a pipeline that turns out to be cut off only after the start is offered to be finished or undone', async () => {
  const lab = await botLab();
  const { engine } = await lab.start();
  engine.happen(deployment, {
    ...started,
    request: { kind: 'deploy', service: 'grafana', route: 'pipeline' },
  });
  await lab.card('running');
  engine.happen(deployment, { type: 'interrupted' });
  const offer = await lab.card('⚡ Interrupted');
  expect(labelsOf(offer)).toEqual(['Finish it', 'Undo it']);
});
