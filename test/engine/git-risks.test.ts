import { afterEach, expect, test } from 'vitest';
import type { Proposal } from '../../engine/index.ts';
import { inventoryText } from '../../lab/house/definitions.ts';
import { finishedOf, startedOf, tell } from '../data/support/state.ts';
import { openEngineHouse, type EngineHouse } from './engine-house.ts';
import { ana } from './fixtures.ts';

const signal = (): AbortSignal => AbortSignal.timeout(60_000);

let house: EngineHouse | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

async function plan(h: EngineHouse): Promise<Proposal> {
  const proposal = await h.engine.propose({ kind: 'deploy', service: 'app' }, ana, signal());
  if (!proposal.ok) throw new Error(JSON.stringify(proposal.problems));
  return proposal.value;
}
const risks = ({ plan: { risks: all } }: Proposal): readonly string[] => all.map(({ code }) => code);

test('a change of sentinel.yml is seen however many deployments of others came in between, and not before the first', async () => {
  const h = (house = await openEngineHouse());
  await h.define(h.image('web:1'));
  await h.services.commit({ 'sentinel.yml': inventoryText(h.world, 'domain: a.lan\n') }, 'chore: a domain');
  const first = await plan(h);
  expect(risks(first)).not.toContain('inventory-changed');
  const started = await h.engine.start(first.id, ana, signal());
  if (!started.ok || started.value.kind !== 'started') throw new Error(JSON.stringify(started));
  expect((await h.engine.finished(started.value.deployment)).outcome).toBe('succeeded');
  await h.define(h.image('web:2'));
  expect(risks(await plan(h))).not.toContain('inventory-changed');

  h.store.atomically(() => {
    for (let number = 1; number <= 120; number += 1)
      tell(h.store, `foreign-${number}`, [startedOf(['web'], 'elsewhere'), finishedOf('succeeded')]);
  });
  await h.services.commit({ 'sentinel.yml': inventoryText(h.world, 'domain: b.lan\n') }, 'chore: another');
  expect(risks(await plan(h))).toContain('inventory-changed');
});
