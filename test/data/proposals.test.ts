import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Vote } from '../../engine/index.ts';
import { startWriter } from './support/child.ts';
import { ada, ben, openFixture, planOf, proposalOf } from './support/state.ts';

const vote = (by = ben, verdict: Vote['verdict'] = 'approve'): Vote => ({
  by,
  verdict,
  reason: verdict === 'reject' ? 'not today' : null,
  at: '2026-01-02T03:10:00.000Z',
});

test('a proposal reads back after a restart exactly as it was made', () => {
  const fixture = openFixture();
  const proposal = proposalOf('p1', {
    draft: { commit: 'c1', base: 'c0', branch: 'main' },
    votes: [vote(), vote(ada, 'reject')],
  });
  fixture.store.proposals.create(proposal);
  expect(fixture.reopen().proposals.get('p1')).toEqual(proposal);
  expect(fixture.store.proposals.get('p2')).toBeUndefined();
});

test('every kind of request reads back', () => {
  const { store } = openFixture();
  const requests = [
    { kind: 'deploy', service: 'web', revision: 'main', deleteVolumes: true, environment: 'home' },
    { kind: 'rollback', service: 'web', release: 'r1' },
    { kind: 'rollback', service: 'web' },
    { kind: 'unwind', deployment: 'd1', reason: 'it hangs' },
  ] as const;
  for (const [index, request] of requests.entries())
    store.proposals.create(proposalOf(`p${index}`, { request }));
  expect(requests.map((_request, index) => store.proposals.get(`p${index}`)?.request)).toEqual(requests);
});

test('only those that wait are pending, oldest first', () => {
  const { store } = openFixture();
  for (const id of ['b', 'a', 'c']) store.proposals.create(proposalOf(id));
  store.proposals.create(proposalOf('d', { state: 'open' }));
  store.proposals.move('a', ['pending'], 'rejected');
  expect(store.proposals.pending().map(({ id }) => id)).toEqual(['b', 'c']);
});

test('a proposal moves only from a state it is in, and takes the new facts with it', () => {
  const { store } = openFixture();
  store.proposals.create(proposalOf('p1', { state: 'open' }));
  expect(store.proposals.move('p1', ['pending'], 'running', { deployment: 'd1' })).toBe(false);
  expect(store.proposals.get('p1')).toMatchObject({ state: 'open', deployment: null });

  const later = '2026-01-02T09:00:00.000Z';
  expect(store.proposals.move('p1', ['open', 'pending'], 'pending', { expiresAt: later })).toBe(true);
  expect(store.proposals.move('p1', ['pending'], 'running', { deployment: 'd1' })).toBe(true);
  expect(store.proposals.get('p1')).toMatchObject({ state: 'running', deployment: 'd1', expiresAt: later });
  expect(store.proposals.move('unknown', ['pending'], 'running')).toBe(false);
});

test('a person votes once, whatever they say the second time', () => {
  const { store } = openFixture();
  store.proposals.create(proposalOf('p1'));
  expect(store.proposals.vote('p1', vote(ben))).toBe(true);
  expect(store.proposals.vote('p1', vote({ ...ben, name: 'Benjamin' }, 'reject'))).toBe(false);
  expect(store.proposals.vote('p1', vote(ada, 'reject'))).toBe(true);
  expect(store.proposals.get('p1')?.votes).toEqual([vote(ben), vote(ada, 'reject')]);
});

test('a vote on a proposal that does not exist is refused', () => {
  const { store } = openFixture();
  expect(() => store.proposals.vote('p1', vote())).toThrow('FOREIGN KEY');
});

test('of processes that move the same proposal at once, one wins and the proposal names its deployment', async () => {
  const { store, file } = openFixture();
  store.proposals.create(proposalOf('p1'));
  const movers = ['d1', 'd2', 'd3'].map((name) => ({
    name,
    writer: startWriter(['move', file, name, 'p1']),
  }));
  await Promise.all(movers.map(({ writer }) => writer.printed('open')));
  for (const { writer } of movers) writer.say('go');
  const said = await Promise.all(
    movers.map(async ({ name, writer }) => ({ name, last: (await writer.ended).lines.at(-1) })),
  );
  const winners = said.filter(({ last }) => last === 'true');
  expect(winners).toHaveLength(1);
  expect(said.filter(({ last }) => last === 'false')).toHaveLength(2);
  expect(store.proposals.get('p1')).toMatchObject({ state: 'running', deployment: winners[0]?.name });
});

test.each([
  ['plan', `UPDATE proposals SET plan = json_remove(plan, '$.digest')`, 'plan.digest is not a text'],
  [
    'plan',
    `UPDATE proposals SET plan = json_set(plan, '$.steps[0].stage', 'teleport')`,
    'plan.steps[0].stage is not one of deploy, traefik, dns, authentik, glance, verify',
  ],
  ['request', `UPDATE proposals SET request = '{"kind":"dance"}'`, 'request.kind is not one of'],
  ['rule', `UPDATE proposals SET rule = 'not JSON'`, 'is not valid JSON'],
  ['requested_by', `UPDATE proposals SET requested_by = '7'`, 'requestedBy is not an object'],
])('a proposal whose %s was damaged is reported by table and id', (_column, sql, reason) => {
  const { store, file } = openFixture();
  store.proposals.create(proposalOf('p1', { plan: planOf(['web']) }));
  const raw = new Database(file);
  raw.exec(sql);
  raw.close();
  expect(() => store.proposals.get('p1')).toThrow('Row p1 of table proposals cannot be read');
  expect(() => store.proposals.get('p1')).toThrow(reason);
});

test('a damaged vote is reported with the proposal it belongs to', () => {
  const { store, file } = openFixture();
  store.proposals.create(proposalOf('p1', { votes: [vote()] }));
  const raw = new Database(file);
  raw.exec(`UPDATE votes SET actor = '{}'`);
  raw.close();
  expect(() => store.proposals.get('p1')).toThrow('Row of proposal p1 of table votes cannot be read');
});
