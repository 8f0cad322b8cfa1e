import { describe, expect, test } from 'vitest';
import { commands, type OwnMemory, type Options } from '../../commands/index.ts';
import type { Engine } from '../../engine/index.ts';
import { ada, planOf, proposalOf } from '../bot/support/plans.ts';

const command = (name: string) => commands.find(({ definition }) => definition.name === name)!;
const options = (given: Record<string, string | boolean>): Options => ({
  text: (name) => (typeof given[name] === 'string' ? given[name] : null),
  flag: (name) => given[name] === true,
});
const signal = new AbortController().signal;
const maySee = (): boolean => true;

/** Answers what a test names; anything else a command calls fails the test. */
function engineWith(answers: Partial<Engine>): Engine {
  return new Proxy({} as Engine, {
    get(_, name: keyof Engine) {
      const answer = answers[name];
      if (!answer) throw new Error(`the command called ${name}`);
      return answer;
    },
  });
}

describe('definitions', () => {
  test('exist in guilds only, with required options first', () => {
    for (const { definition } of commands) {
      const json = definition.toJSON() as {
        contexts: number[];
        integration_types: number[];
        options?: { required?: boolean; description: string }[];
      };
      const required = (json.options ?? []).map((option) => option.required === true);
      expect(json.contexts).toEqual([0]);
      expect(json.integration_types).toEqual([0]);
      expect(required).toEqual(required.toSorted((a, b) => Number(b) - Number(a)));
    }
  });

  test('keep the whole list within what Discord takes', () => {
    for (const { definition } of commands)
      expect(JSON.stringify(definition.toJSON()).length).toBeLessThan(8000);
  });
});

describe('/plan', () => {
  test('proposes and leaves out what was not given', async () => {
    const asked: unknown[] = [];
    const engine = engineWith({
      propose: (request) => {
        asked.push(request);
        return Promise.resolve({ ok: true, value: proposalOf() });
      },
    });
    const reply = await command('plan').answer(options({ service: 'grafana' }), {
      engine,
      actor: ada,
      signal,
      maySee,
    });
    expect(asked).toEqual([{ kind: 'deploy', service: 'grafana' }]);
    expect(reply.kind).toBe('proposal');
  });
});

describe('the route', () => {
  test.each(['plan', 'deploy', 'rollback'])(
    'of /%s can be chosen, and only among those there are',
    async (name) => {
      const asked: unknown[] = [];
      const engine = engineWith({
        propose: (request) => {
          asked.push(request.route);
          return Promise.resolve({ ok: false, problems: [] });
        },
      });
      for (const route of ['pipeline', 'engine', 'by post'])
        await command(name).answer(options({ service: 'grafana', route }), {
          engine,
          actor: ada,
          signal,
          maySee,
        });
      expect(asked).toEqual(['pipeline', 'engine', undefined]);
    },
  );
});

describe('/deploy', () => {
  const run = async (
    proposal: Partial<ReturnType<typeof proposalOf>>,
    given = {},
    engine: Partial<Engine> = {},
  ) =>
    command('deploy').answer(options({ service: 'grafana', ...given }), {
      ...{ actor: ada, signal, maySee },
      engine: engineWith({
        propose: (request) => Promise.resolve({ ok: true, value: proposalOf({ request, ...proposal }) }),
        ...engine,
      }),
    });

  test('starts a plan nobody has to agree to', async () => {
    const started = { kind: 'started', proposal: proposalOf(), deployment: 'd-1' } as const;
    const reply = await run({}, {}, { start: () => Promise.resolve({ ok: true, value: started }) });
    expect(reply).toEqual({ kind: 'decision', decision: started });
  });

  test('asks the approvers when somebody must agree', async () => {
    const rule = { ...proposalOf().rule, required: 2 };
    const reply = await run(
      { rule },
      {},
      { requestApproval: () => Promise.resolve({ ok: true, value: proposalOf({ rule }) }) },
    );
    expect(reply.kind).toBe('asked');
  });

  test('with nothing to do only says so', async () => {
    expect((await run({ plan: planOf({ steps: [] }) })).kind).toBe('proposal');
  });

  test('that would delete volumes starts nothing before it is confirmed', async () => {
    expect((await run({}, { delete_volumes: true })).kind).toBe('proposal');
  });
});

describe('/rollback', () => {
  test('shows the plan first, whatever the policy says', async () => {
    const engine = engineWith({
      propose: (request) => Promise.resolve({ ok: true, value: proposalOf({ request }) }),
    });
    const reply = await command('rollback').answer(options({ service: 'grafana', release: 'r1' }), {
      ...{ engine, actor: ada, signal, maySee },
    });
    expect(reply).toMatchObject({
      kind: 'proposal',
      proposal: { request: { kind: 'rollback', release: 'r1' } },
    });
  });
});

describe('/approve', () => {
  test('of a request that does not exist says so', async () => {
    const engine = engineWith({ proposal: () => undefined });
    const reply = await command('approve').answer(options({ request: 'p-nope' }), {
      engine,
      actor: ada,
      signal,
      maySee,
    });
    expect(reply).toMatchObject({ kind: 'problems', problems: [{ code: 'proposal-unknown' }] });
  });

  test('counts only the two decisions there are', async () => {
    const engine = engineWith({ proposal: () => proposalOf({ state: 'pending' }) });
    const reply = await command('approve').answer(options({ request: 'p-1', decision: 'maybe' }), {
      ...{ engine, actor: ada, signal, maySee },
    });
    expect(reply.kind).toBe('request');
  });
});

describe('suggestions', () => {
  const names = Array.from({ length: 40 }, (_, i) => `service-${i}`);
  const memory: OwnMemory = {
    maySee,
    engine: {
      services: () =>
        [...names, 'my-service'].map((name) => ({
          ...{ name, displayName: name, category: 'x', host: 'media', repository: 'homelab' },
        })),
      environments: () => ['production', 'staging'],
      pending: () => [proposalOf({ state: 'pending' })],
    },
    releases: () => Promise.resolve([{ id: 'r1', label: 'grafana:10.0 · verified' }]),
  };

  test('are at most 25, those that begin with what was typed first', async () => {
    const found = await command('plan').suggest('service', 'SERVICE', options({}), memory);
    expect(found).toHaveLength(25);
    expect(found.every(({ value }) => value.startsWith('service-'))).toBe(true);
    const mine = await command('plan').suggest('service', 'my-', options({}), memory);
    expect(mine.map(({ value }) => value)).toEqual(['my-service']);
  });

  test('of requests name what they are about', async () => {
    const found = await command('approve').suggest('request', '', options({}), memory);
    expect(found).toEqual([{ name: 'grafana · production · Ada · p-7k3m2q', value: 'p-7k3m2q' }]);
  });

  test('of releases need a service', async () => {
    const rollback = command('rollback');
    expect(await rollback.suggest('release', '', options({}), memory)).toEqual([]);
    expect(await rollback.suggest('release', '', options({ service: 'grafana' }), memory)).toHaveLength(1);
  });
});

test('requests of an environment somebody has no business in are neither listed, suggested nor shown', async () => {
  const here = proposalOf({ id: 'p-here', state: 'pending' });
  const there = proposalOf({ id: 'p-there', state: 'pending', plan: planOf({ environment: 'staging' }) });
  const refused = { code: 'not-allowed', message: 'no' } as const;
  const engine = engineWith({
    pending: () => [here, there],
    proposal: (id) => [here, there].find((each) => each.id === id),
    authorise: () => refused,
  });
  const only = (environment: string): boolean => environment === 'production';
  const caller = { engine, actor: ada, signal, maySee: only };
  const approve = command('approve');
  expect(await approve.answer(options({}), caller)).toEqual({ kind: 'requests', proposals: [here] });
  expect(await approve.answer(options({ request: 'p-there' }), caller)).toEqual({
    kind: 'problems',
    problems: [refused],
  });
  const memory = { engine, maySee: only, releases: () => Promise.resolve([]) };
  const choices = await approve.suggest('request', '', options({}), memory);
  expect(choices.map(({ value }) => value)).toEqual(['p-here']);
});

test('/approve suggests manual jobs by their names', async () => {
  const gate = proposalOf({
    id: 'p-gate',
    request: {
      ...{ kind: 'gate', repository: 'homelab', pipeline: 812, deployment: 'd-1' },
      job: { id: 3, name: 'approve_deploy' },
    },
    plan: planOf({ services: [] }),
  });
  const memory: OwnMemory = {
    engine: { services: () => [], environments: () => [], pending: () => [gate, proposalOf()] },
    releases: () => Promise.resolve([]),
    maySee,
  };
  const choices = await command('approve').suggest('request', '', options({}), memory);
  expect(choices.map(({ name }) => name)).toEqual([
    'let approve_deploy run · homelab · production · Ada · p-gate',
    'grafana · production · Ada · p-7k3m2q',
  ]);
});
