import type { Hosts, Plan, Ports, Scope } from '../../engine/index.ts';
import { makePlan } from '../../engine/planner.ts';
import { walk } from '../../engine/runner.ts';
import { stages } from '../../engine/stages/index.ts';
import { createStory } from '../../engine/story.ts';
import type { World, WorldHost } from '../world.ts';
import { createBench } from './fleet.ts';

/** Plan and deploy N services; checks that wait for health are left out, as bare compose has none. */
export async function engineFresh(
  world: World,
  host: WorldHost,
  { count, connected }: { readonly count: number; readonly connected: boolean },
): Promise<number> {
  const { ports, hosts, scope } = createBench(world, host);
  const wanted = scope(count);
  try {
    if (connected) await touch(ports, wanted);
    const start = performance.now();
    const plan = await planOf(wanted, ports);
    if (plan.steps.length === 0) throw new Error('a fresh host must have something to do');
    await deployAll({ plan, scope: wanted, ports });
    return performance.now() - start;
  } finally {
    await hosts.close();
  }
}

/** Finds out, on an open connection, that there is nothing to do. */
export async function engineUnchanged(world: World, host: WorldHost, count: number): Promise<number> {
  const { ports, hosts, scope } = createBench(world, host);
  const wanted = scope(count);
  try {
    await touch(ports, wanted);
    const start = performance.now();
    const plan = await planOf(wanted, ports);
    if (plan.steps.length > 0) throw new Error(`nothing changed, yet there is ${plan.steps[0]?.cause ?? ''}`);
    return performance.now() - start;
  } finally {
    await close(hosts);
  }
}

const close = (hosts: Hosts): Promise<void> => hosts.close();

async function touch(ports: Ports, { inventory }: Scope): Promise<void> {
  for (const entry of Object.values(inventory.hosts))
    await ports.host(entry).run({ script: 'true' }, never());
}

async function planOf(scope: Scope, ports: Ports): Promise<Plan> {
  const frame = {
    repository: 'bench',
    environment: 'production',
    revision: '0'.repeat(40),
    scope,
    risks: [],
  };
  const plan = await makePlan(frame, ports, never());
  if (!plan.ok) throw new Error(plan.problems.map(({ message }) => message).join('\n'));
  return plan.value;
}

async function deployAll({
  plan,
  scope,
  ports,
}: {
  readonly plan: Plan;
  readonly scope: Scope;
  readonly ports: Ports;
}): Promise<void> {
  const steps = plan.steps.filter(({ stage }) => stage === 'deploy');
  const story = createStory({
    deployment: 'd-bench',
    firstSeq: 1,
    now: () => new Date(),
    emit: () => undefined,
    onBroken: () => undefined,
  });
  const result = await walk({
    plan: { ...plan, steps },
    scope,
    stages,
    ports,
    story,
    deployment: 'd-bench',
    signal: never(),
    lost: never(),
  });
  if (result.outcome !== 'succeeded') throw new Error(result.problem?.message ?? result.outcome);
}

const never = (): AbortSignal => new AbortController().signal;
