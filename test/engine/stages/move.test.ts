import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePlan } from '../../../engine/planner.ts';
import { createSimulatedWorld } from '../../../lab/host/simulated-world.ts';
import type { World } from '../../../lab/world.ts';
import type { Scope, ScopedService } from '../../../engine/index.ts';
import { walk } from '../../../engine/runner.ts';
import { stages } from '../../../engine/stages/index.ts';
import { createStory } from '../../../engine/story.ts';
import { containersOf, createPlay, pageOf, type Play, present, webService } from './support/play.ts';

/** A service whose definition names another host than the one it runs on. */
let world: World;
let old: Play;
let next: Play;
const signal = new AbortController().signal;

beforeAll(async () => {
  world = await createSimulatedWorld({ hosts: 2 });
  const [first, second] = world.hosts;
  old = createPlay(world, first!);
  next = createPlay(world, second!);
});
afterAll(async () => {
  await old.close();
  await next.close();
  await world.close();
});

const planMove = async (tag: string, knowsOld = true) => {
  const wish = { name: 'mover', image: world.registry.image(tag), port: 8090 };
  const service = webService(next, wish);
  const formerly = { host: old.host.name, path: webService(old, wish).installPath };
  const item: ScopedService = { want: 'present', name: 'mover', service, formerly, owned: [] };
  const hosts = { ...(knowsOld ? { [old.entry.name]: old.entry } : {}), [next.entry.name]: next.entry };
  const scope: Scope = { inventory: { ...next.scope([]).inventory, hosts }, services: [item] };
  const frame = { repository: 'lab', environment: 'production', revision: 'a'.repeat(40), scope, risks: [] };
  const made = await makePlan(frame, next.ports, signal);
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  return { plan: made.value, scope };
};
const run = async ({ plan, scope }: Awaited<ReturnType<typeof planMove>>) => {
  const story = createStory({
    deployment: 'd-move',
    firstSeq: 1,
    now: () => new Date(),
    emit: () => undefined,
    onBroken: () => undefined,
  });
  const ports = {
    ...next.ports,
    host: (entry: typeof old.entry) => (entry === old.entry ? old : next).ports.host(entry),
  };
  return walk({ plan, scope, stages, ports, story, deployment: 'd-move', signal, lost: signal });
};

test('a service that moves is taken off its old host once the new place is proven, and stays there when it fails', async () => {
  const wish = { name: 'mover', image: world.registry.image('web:1'), port: 8090 };
  await old.run([present(webService(old, wish))]);
  const failing = await planMove('crash:1');
  expect(failing.plan.steps.map(({ system, cause }) => [system, cause])).toEqual([
    [next.host.name, 'first deployment'],
    [next.host.name, 'it was changed'],
    [old.host.name, `moves from ${old.host.name} to ${next.host.name}`],
  ]);
  expect(failing.plan.risks).toContainEqual(expect.objectContaining({ code: 'moves', alwaysApprove: true }));
  expect((await run(failing)).outcome).toBe('rolled-back');
  expect(await pageOf(old, 8090)).toBe('web 1');
  expect(await containersOf(next, 'mover')).toEqual([]);

  expect((await planMove('web:2', false)).plan.risks.map(({ message }) => message)).toEqual([
    expect.stringContaining(`what runs on ${old.host.name} is left as it is`),
  ]);

  expect((await run(await planMove('web:2'))).outcome).toBe('succeeded');
  expect(await pageOf(next, 8090)).toBe('web 2');
  expect(await containersOf(old, 'mover')).toEqual([]);
  expect((await planMove('web:2')).plan.steps).toEqual([]);
});
