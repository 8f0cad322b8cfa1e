import { afterEach, expect, test } from 'vitest';
import type { FleetStatus, Result } from '../../engine/index.ts';
import { app, openEngineHouse, type EngineHouse } from './engine-house.ts';
import { ana, ben } from './fixtures.ts';

const signal = (): AbortSignal => AbortSignal.timeout(60_000);

let house: EngineHouse | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});
async function open(): Promise<EngineHouse> {
  house = await openEngineHouse();
  await house.define(house.image('web:1'));
  return house;
}
function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}
async function deploy({ engine }: EngineHouse): Promise<string> {
  const proposal = value(await engine.propose({ kind: 'deploy', service: app.name }, ana, signal()));
  const decision = value(
    proposal.rule.required === 0
      ? await engine.start(proposal.id, ana, signal())
      : await approved(engine, proposal.id),
  );
  if (decision.kind !== 'started') throw new Error(decision.kind);
  await engine.finished(decision.deployment);
  return decision.deployment;
}
async function approved(engine: EngineHouse['engine'], id: string): ReturnType<typeof engine.vote> {
  value(await engine.requestApproval(id, ana, new AbortController().signal));
  return engine.vote(id, ben, { verdict: 'approve', reason: null }, signal());
}
const look = async ({ engine }: EngineHouse, service: string): Promise<Result<FleetStatus>> =>
  engine.status({ service }, ana, signal());

test('a service whose file is broken is told by what is wrong in it', async () => {
  const h = await open();
  await h.services.commit({ [app.file]: 'service:\n  name: app\n  colour: red\n' }, 'feat: broken');
  const found = await look(h, app.name);
  const places = found.ok ? [] : found.problems.map(({ code, where }) => `${code} ${where}`);
  expect(places).toContain(`definition-invalid ${app.file}:3:3`);
});

test('a name nobody ever used is unknown', async () => {
  expect(await look(await open(), 'ap')).toMatchObject({
    ok: false,
    problems: [{ code: 'service-unknown', hint: 'Did you mean app?' }],
  });
});

test('a name that is like none is answered with those there are', async () => {
  expect(await look(await open(), 'nope')).toMatchObject({
    ok: false,
    problems: [{ code: 'service-unknown', hint: 'There is app.' }],
  });
});

test('a service nobody ever deployed is not trouble', async () => {
  const h = await open();
  expect(value(await look(h, app.name)).services).toMatchObject([
    {
      desired: { state: 'none', text: 'not deployed yet' },
      running: { state: 'none', text: 'nothing runs' },
    },
  ]);
  await deploy(h);
  expect(value(await look(h, app.name)).services).toMatchObject([{ desired: { state: 'good' } }]);
});

test('a service that left Git is shown with what still runs of it and what was deployed', async () => {
  const h = await open();
  const deployment = await deploy(h);
  await h.services.commit({ [app.file]: null }, 'feat: gone');
  const still = value(await look(h, app.name));
  expect(still.services).toMatchObject([
    { service: app.name, desired: { state: 'bad', text: 'not in Git any more' }, running: { state: 'good' } },
  ]);
  expect(still.history.map(({ id }) => id)).toEqual([deployment]);
  await deploy(h);
  const gone = value(await look(h, app.name));
  expect(gone.services).toMatchObject([
    { desired: { state: 'none' }, running: { state: 'none', text: 'nothing runs' }, containers: [] },
  ]);
  expect(gone.history).toHaveLength(2);
});

test('the last five deployments are those of the environment that was asked for', async () => {
  const h = await open();
  const first = await deploy(h);
  const events = h.store.journal.events(first);
  for (let n = 0; n < 6; n += 1)
    for (const event of events)
      h.store.journal.append({
        ...event,
        deployment: `d-staging${n}`,
        ...(event.type === 'started' ? { plan: { ...event.plan, environment: 'staging' } } : {}),
      });
  const { history } = value(await look(h, app.name));
  expect(history.map(({ id }) => id)).toEqual([first]);
});
