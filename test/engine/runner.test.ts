import { beforeEach, describe, expect, test } from 'vitest';
import type {
  DeploymentEvent,
  EnsureContext,
  Plan,
  Ports,
  Problem,
  Risk,
  Stage,
  StageName,
  Step,
  StepOf,
} from '../../engine/index.ts';
import { walk, type Run, type RunResult } from '../../engine/runner.ts';
import { createStory } from '../../engine/story.ts';
import { deployStep, inventory, noClients, plan, planned, service, verifyStep } from './fixtures.ts';

/** A world in memory: which release every service has. Stages write it, so tests can compare the state itself. */
let world: Map<string, string | null>;
let events: DeploymentEvent[];
let order: string[];

const sick: Problem = { code: 'health-failed', message: 'it never became healthy' };
type Behaviour = (
  step: Pick<Step, 'id' | 'stage' | 'service'>,
  context: EnsureContext,
) => Problem | undefined | Promise<Problem | undefined>;

function stage<S extends StageName>(name: S, apply: (step: StepOf<S>) => void, behave: Behaviour): Stage<S> {
  return {
    name,
    onFailure: (step) =>
      name === 'deploy' || (step.after !== null && 'checks' in step.after) ? 'unwind' : 'degrade',
    survey: () => Promise.reject(new Error('the runner never surveys')),
    async ensure(steps, context) {
      for (const step of steps) {
        order.push(step.id);
        const problem = await behave(step, context);
        if (problem?.code !== 'image-not-found') apply(step);
        context.report(
          step.id,
          problem === undefined
            ? { ok: true, did: [] }
            : { ok: false, problem, touched: problem.code !== 'image-not-found' },
        );
      }
    },
  };
}

interface Options {
  readonly plan?: Plan;
  readonly behave?: Behaviour;
  readonly signal?: AbortSignal;
  readonly automaticRollback?: boolean;
  readonly journal?: (event: DeploymentEvent) => void;
}

function run({
  plan: wanted = plan(),
  behave = () => undefined,
  ...options
}: Options = {}): Promise<RunResult> {
  const abort = new AbortController();
  const story = createStory({
    deployment: 'd-1',
    firstSeq: 1,
    now: () => new Date(0),
    emit: (event) => {
      options.journal?.(event);
      events.push(event);
    },
    onBroken: () => abort.abort(),
  });
  const ports: Ports = {
    host: () => {
      throw new Error('no host in this test');
    },
    secrets: {
      has: () => false,
      resolve: (name) => name,
      resolveFor: (name) => name,
      resolveAddress: (name) => name,
      redact: (text) => text,
    },
    probe: {
      port: () => Promise.resolve(true),
      http: () => Promise.resolve(200),
      visit: () => Promise.resolve(null),
    },
    clock: { now: () => new Date(0), wait: () => Promise.resolve() },
    log: silent,
    systems: noClients,
  };
  const scope = {
    inventory: { ...inventory, automaticRollback: options.automaticRollback ?? true },
    services: wanted.services.map(
      ({ name }) => ({ want: 'present', name, service: service(name), owned: [] }) as const,
    ),
  };
  const stages: Run['stages'] = {
    deploy: stage(
      'deploy',
      ({ service: name, after }) => void world.set(name, after === null ? null : (after.release ?? 'new')),
      behave,
    ),
    traefik: stage('traefik', () => undefined, behave),
    dns: stage('dns', () => undefined, behave),
    authentik: stage('authentik', () => undefined, behave),
    glance: stage('glance', () => undefined, behave),
    verify: stage('verify', () => undefined, behave),
  };
  return walk({
    plan: wanted,
    scope,
    stages,
    ports,
    story,
    deployment: 'd-1',
    signal: options.signal ?? abort.signal,
    lost: new AbortController().signal,
  });
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

const recordOf = (name: string) => ({ name, addresses: ['10.0.0.2'], entries: [`10.0.0.2 ${name}`] });

function dnsStep(id: string, name: string, change: Pick<StepOf<'dns'>, 'before' | 'after'>): StepOf<'dns'> {
  return {
    ...{ id, stage: 'dns', service: 'grafana', system: 'Pi-hole', target: name },
    ...{ cause: 'no record', changes: [] },
    ...change,
  };
}

const many = (...names: string[]): Plan =>
  plan({
    services: names.map((name) => planned(name)),
    steps: names.flatMap((name) => [
      deployStep(name, { id: `deploy ${name}` }),
      verifyStep(name, { id: `verify ${name}` }),
    ]),
  });

beforeEach(() => {
  world = new Map([['grafana', 'r1']]);
  events = [];
  order = [];
});

describe('the runner', () => {
  test('a plan that works ends succeeded with the new state', async () => {
    expect(await run()).toMatchObject({ outcome: 'succeeded', undone: false });
    expect(world.get('grafana')).toBe('new');
  });

  test('every step is announced before it is done', async () => {
    await run();
    expect(events.map(({ type }) => type)).toEqual([
      'step-started',
      'step-done',
      'step-started',
      'step-done',
    ]);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  test('a failing verify puts the previous release back and checks it', async () => {
    const result = await run({
      behave: (step, { phase }) => (step.stage === 'verify' && phase === 'forward' ? sick : undefined),
    });
    expect(result).toMatchObject({ outcome: 'rolled-back', problem: sick, undone: true });
    expect(world.get('grafana')).toBe('r1');
    expect(order.at(-1)).toBe('undo 2 verify grafana');
  });

  test('a failing step that changed nothing ends failed and touches nothing', async () => {
    const missing: Problem = { code: 'image-not-found', message: 'no such image' };
    const result = await run({ behave: () => missing });
    expect(result).toMatchObject({ outcome: 'failed', undone: true });
    expect(world.get('grafana')).toBe('r1');
    expect(order).toEqual(['1 deploy grafana']);
  });

  test('a half-done step is undone too', async () => {
    await run({
      behave: (step, { phase }) => (phase === 'forward' && step.stage === 'deploy' ? sick : undefined),
    });
    expect(world.get('grafana')).toBe('r1');
  });

  test('an unwind that fails half way keeps undoing and asks for attention', async () => {
    const result = await run({
      behave: (step, { phase }) => (step.stage === 'verify' || phase === 'unwind' ? sick : undefined),
    });
    expect(result).toMatchObject({ outcome: 'needs-attention', undone: false });
    expect(order.filter((id) => id.startsWith('undo'))).toEqual([
      'undo 1 deploy grafana',
      'undo 2 verify grafana',
    ]);
  });

  test('one service’s failure leaves its neighbours alone', async () => {
    world = new Map([
      ['a', 'r1'],
      ['b', 'r1'],
    ]);
    const result = await run({
      plan: many('a', 'b'),
      behave: (step, { phase }) =>
        step.service === 'a' && step.stage === 'verify' && phase === 'forward' ? sick : undefined,
    });
    expect(result.services).toEqual({ a: 'rolled-back', b: 'succeeded' });
    expect(Object.fromEntries(world)).toEqual({ a: 'r1', b: 'new' });
  });

  test('what depends on a failed service is not started', async () => {
    world = new Map([
      ['db', 'r1'],
      ['app', 'r1'],
    ]);
    const both = many('db', 'app');
    const result = await run({
      plan: { ...both, services: [planned('db'), planned('app', { dependsOn: ['db'] })] },
      behave: (step, { phase }) => (step.service === 'db' && phase === 'forward' ? sick : undefined),
    });
    expect(result.services).toEqual({ db: 'rolled-back', app: 'cancelled' });
    expect(order.some((id) => id.includes('app'))).toBe(false);
    expect(events.filter(({ type }) => type === 'step-skipped')).toHaveLength(2);
  });

  test('with automatic rollback off a failed verify leaves the new release running', async () => {
    const result = await run({
      automaticRollback: false,
      behave: (step) => (step.stage === 'verify' ? sick : undefined),
    });
    expect(result).toMatchObject({ outcome: 'failed', undone: false });
    expect(world.get('grafana')).toBe('new');
  });

  test('an aborted deployment cleans up after itself and ends cancelled', async () => {
    const abort = new AbortController();
    const result = await run({
      signal: abort.signal,
      behave: (step) => {
        if (step.stage === 'deploy') abort.abort();
        return undefined;
      },
    });
    expect(result.outcome).toBe('cancelled');
    expect(world.get('grafana')).toBe('r1');
  });

  describe('with systems around the service', () => {
    const moved: Plan = plan({
      steps: [
        deployStep('grafana'),
        dnsStep('2 dns grafana', 'new.lan', { before: null, after: recordOf('new.lan') }),
        verifyStep('grafana', { id: '3 verify grafana' }),
        dnsStep('4 dns grafana', 'old.lan', { before: recordOf('old.lan'), after: null }),
      ],
    });
    const down: Problem = { code: 'system-unreachable', message: 'Pi-hole did not answer' };
    const untouched: Problem = { code: 'image-not-found', message: 'nothing was changed' };

    test('what arrives comes before it is verified, and what leaves after', async () => {
      expect((await run({ plan: moved })).outcome).toBe('succeeded');
      expect(order).toEqual(moved.steps.map(({ id }) => id));
    });

    test('one that fails degrades the deployment, and everything else still happens', async () => {
      const result = await run({
        plan: moved,
        behave: ({ id }) => (id.startsWith('2 dns') ? down : undefined),
      });
      expect(result).toMatchObject({ outcome: 'degraded', problem: down });
      expect(order).toEqual(moved.steps.map(({ id }) => id));
      expect(world.get('grafana')).toBe('new');
    });

    test('a service that does not work is undone on all of them, and nothing was taken away before', async () => {
      const result = await run({
        plan: moved,
        behave: (step, { phase }) => (step.stage === 'verify' && phase === 'forward' ? sick : undefined),
      });
      expect(result.outcome).toBe('rolled-back');
      expect(order.slice(3)).toEqual([
        'undo 2 dns grafana',
        'undo 1 deploy grafana',
        'undo 3 verify grafana',
      ]);
    });

    test('what could not even be asked leaves the deployment degraded', async () => {
      const unasked: Risk = {
        code: 'system-unasked',
        service: 'grafana',
        message: 'dns is left as it is',
        alwaysApprove: false,
      };
      expect((await run({ plan: plan({ risks: [unasked] }) })).outcome).toBe('degraded');
    });

    test('one that failed untouched is not undone', async () => {
      await run({
        plan: moved,
        behave: (step, { phase }) => {
          if (phase === 'unwind') return undefined;
          if (step.stage === 'dns') return untouched;
          return step.stage === 'verify' ? sick : undefined;
        },
      });
      expect(order).not.toContain('undo 2 dns grafana');
      expect(world.get('grafana')).toBe('r1');
    });

    test('a name that did not answer before either is no reason to ask for attention', async () => {
      const named = verifyStep('grafana', { id: '5 verify grafana' });
      const nameCheck: StepOf<'verify'> = {
        ...named,
        before: { kind: 'name', ...recordOf('new.lan') },
        after: { kind: 'name', ...recordOf('new.lan') },
      };
      const result = await run({
        plan: plan({ steps: [...moved.steps, nameCheck] }),
        behave: ({ id }, { phase }) =>
          id.endsWith('5 verify grafana') || (id === '3 verify grafana' && phase === 'forward')
            ? sick
            : undefined,
      });
      expect(result.outcome).toBe('rolled-back');
      expect(order).toContain('undo 5 verify grafana');
    });

    test('a deployment that is stopped there is undone, not degraded', async () => {
      const abort = new AbortController();
      const around = plan({ steps: moved.steps.slice(1, 2) });
      const result = await run({
        plan: around,
        signal: abort.signal,
        behave: (_, { phase }) => {
          if (phase === 'forward') abort.abort();
          return phase === 'forward' ? { code: 'cancelled', message: 'stopped' } : undefined;
        },
      });
      expect(result.outcome).toBe('cancelled');
      expect(order).toEqual(['2 dns grafana', 'undo 2 dns grafana']);
    });
  });

  test('a journal that cannot write stops the deployment before anything is touched', async () => {
    const full = new Error('disk is full');
    await expect(
      run({
        journal: () => {
          throw full;
        },
      }),
    ).rejects.toMatchObject({ problem: { code: 'journal-failed' } });
    expect(world.get('grafana')).toBe('r1');
    expect(order).toEqual([]);
  });

  test('a journal that breaks midway stops without undoing blind', async () => {
    let left = 2;
    const result = run({
      journal: () => {
        left -= 1;
        if (left < 0) throw new Error('disk is full');
      },
    });
    await expect(result).rejects.toMatchObject({ problem: { code: 'journal-failed' } });
    expect(world.get('grafana')).toBe('new');
    expect(order).toEqual(['1 deploy grafana']);
  });
});

describe('the runner with the systems around a service', () => {
  const dnsState = { name: 'grafana.lan', addresses: ['10.0.0.1'], entries: ['10.0.0.1 grafana.lan'] };
  const dnsStep = (id: string, change: Partial<StepOf<'dns'>>): Step => ({
    ...{ id, stage: 'dns', service: 'grafana', system: 'pihole', target: id, cause: 'new', changes: [] },
    ...{ before: null, after: null },
    ...change,
  });
  const nameCheck = verifyStep('grafana', {
    id: 'name',
    before: null,
    after: { kind: 'name', name: 'grafana.lan', addresses: ['10.0.0.1'] },
  });
  const around = plan({
    steps: [
      deployStep('grafana', { id: 'deploy' }),
      dnsStep('record', { after: dnsState }),
      verifyStep('grafana', { id: 'works' }),
      nameCheck,
      dnsStep('old record', { before: dnsState }),
    ],
  });
  const failing =
    (...ids: readonly string[]): Behaviour =>
    ({ id }) =>
      ids.includes(id) ? sick : undefined;

  test('a record that cannot be made degrades the deployment, and everything after it still runs', async () => {
    const result = await run({ plan: around, behave: failing('record') });
    expect(result).toMatchObject({ outcome: 'degraded', undone: false });
    expect(order).toEqual(['deploy', 'record', 'works', 'name', 'old record']);
    expect(world.get('grafana')).toBe('new');
  });

  test('a name that does not resolve degrades it too', async () => {
    const result = await run({ plan: around, behave: failing('name') });
    expect(result).toMatchObject({ outcome: 'degraded', undone: false });
    expect(order.at(-1)).toBe('old record');
  });

  test('containers that do not work undo the systems around them as well, last first', async () => {
    const result = await run({ plan: around, behave: failing('works', 'name') });
    expect(result).toMatchObject({ outcome: 'rolled-back', undone: true });
    expect(order.slice(4)).toEqual(['undo record', 'undo deploy', 'undo works']);
    expect(world.get('grafana')).toBe('r1');
  });

  test('what was taken away before a removal failed is put back', async () => {
    const removal = plan({
      steps: [
        dnsStep('old record', { before: dnsState }),
        deployStep('grafana', { id: 'down', after: null }),
      ],
    });
    const result = await run({ plan: removal, behave: failing('down') });
    expect(result.outcome).toBe('rolled-back');
    expect(order).toEqual(['old record', 'down', 'undo down', 'undo old record']);
  });
});
