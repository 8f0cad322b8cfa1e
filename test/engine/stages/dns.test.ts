import { afterEach, describe, expect, test } from 'vitest';
import type { Owned, Ports, Scope, ScopedService, StepResult } from '../../../engine/ports.ts';
import { createProbe } from '../../../engine/providers/probe.ts';
import { createSecrets } from '../../../engine/providers/secrets.ts';
import { dns } from '../../../engine/stages/dns/index.ts';
import { reverse } from '../../../engine/swap.ts';
import type { DnsProvider } from '../../../engine/system-ports/dns.ts';
import type { Step, StepOf } from '../../../engine/types.ts';
import { quietLog } from '../../../lab/quiet-log.ts';
import type { PiholeOptions } from '../../../lab/pihole/pihole.ts';
import { refusal } from '../../../lab/pihole/reply.ts';
import { inventory, noClients, noSystems, service } from '../fixtures.ts';
import { type Bench, createBench } from '../providers/pihole/support.ts';

const { signal } = new AbortController();
const name = 'grafana.home.lan';
const line = (address: string, of = name) => `${address} ${of}`;
const stages: Play[] = [];

afterEach(async () => {
  for (const { bench } of stages.splice(0)) {
    await bench.close();
    expect(bench.pihole.contract.violations).toEqual([]);
    expect(bench.pihole.overlaps).toBe(0);
  }
});

/** Plans and runs the one stage against a Pi-hole, as the runner would. */
interface Play {
  readonly bench: Bench;
  readonly hosts: () => readonly string[];
  readonly plan: (services: readonly ScopedService[]) => ReturnType<typeof dns.survey>;
  readonly run: (
    steps: readonly StepOf<'dns'>[],
    options?: { phase?: 'forward' | 'unwind'; signal?: AbortSignal; through?: DnsProvider },
  ) => Promise<readonly StepResult[]>;
}

async function play(options: PiholeOptions = {}): Promise<Play> {
  const bench = await createBench(options);
  const portsWith = (provider: DnsProvider): Ports => ({
    host: () => {
      throw new Error('records need no machine');
    },
    secrets: createSecrets({ env: {}, directory: null }),
    probe: createProbe(),
    clock: bench.clock,
    log: quietLog,
    systems: { ...noClients, dns: () => provider },
  });
  const scope = (services: readonly ScopedService[]): Scope => ({
    inventory: { ...inventory, systems: { ...noSystems, dns: bench.system } },
    services,
  });
  const made: Play = {
    bench,
    hosts: () => bench.pihole.state.hosts,
    plan: (services) => dns.survey(scope(services), portsWith(bench.dns), signal),
    async run(steps, { phase = 'forward', through = bench.dns, ...more } = {}) {
      const results = new Map<string, StepResult>();
      const context = {
        ports: portsWith(through),
        scope: scope([]),
        deployment: 'd-1',
        revision: 'a'.repeat(40),
        phase,
        report: (id: string, result: StepResult) => {
          if (results.has(id)) throw new Error(`${id} was reported twice`);
          results.set(id, result);
        },
      };
      await dns.ensure(steps, context, more.signal ?? signal);
      return steps.map(({ id }) => results.get(id) ?? expect.fail(`${id} was not reported`));
    },
  };
  stages.push(made);
  return made;
}

function wanting(of: string, address: string | null, owned: Owned = []): ScopedService {
  const record = address === null ? null : { name: `${of}.home.lan`, address };
  return { want: 'present', name: of, service: service(of, { record }), owned };
}
const isRecord = (step: Step): step is StepOf<'dns'> => step.stage === 'dns';
const back = (steps: readonly Step[]) => reverse(steps).filter(isRecord);
const allOk = (results: readonly StepResult[]) => results.every(({ ok }) => ok);

describe('planning', () => {
  test('does not talk to the server when nobody has a name', async () => {
    const { plan, bench } = await play();
    expect(await plan([wanting('grafana', null)])).toMatchObject({ steps: [], problems: [] });
    expect(bench.pihole.requests).toEqual([]);
  });

  test('reads once for all services, and changes nothing', async () => {
    const { plan, bench } = await play();
    const { steps } = await plan([wanting('grafana', '192.168.40.20'), wanting('wiki', '192.168.40.30')]);
    expect(steps).toHaveLength(2);
    expect(bench.pihole.requests).toEqual([
      'POST /auth',
      'GET /config/dns/hosts',
      'GET /config/dns/cnameRecords',
      'DELETE /auth',
    ]);
  });

  test('a server that cannot be read is a problem of the plan', async () => {
    const { plan, bench } = await play();
    await bench.pihole.down();
    expect(await plan([wanting('grafana', '192.168.40.20')])).toMatchObject({
      steps: [],
      problems: [{ code: 'system-unreachable' }],
    });
  });

  test('without a server in sentinel.yml a wish is a risk, and so is what is left on the old one', async () => {
    const { plan, bench } = await play();
    const { steps } = await plan([wanting('grafana', '192.168.40.20')]);
    const scope = { inventory, services: [wanting('grafana', '192.168.40.20', steps)] };
    const ports = { systems: noClients } as Ports;
    expect(await dns.survey(scope, ports, signal)).toMatchObject({
      steps: [],
      problems: [],
      risks: [
        {
          ...{ code: 'system-missing', service: 'grafana' },
          message: expect.stringContaining('Add systems.dns to sentinel.yml') as string,
        },
        { code: 'system-left', message: expect.stringContaining(bench.dns.name) as string },
      ],
    });
  });
});

describe('a deployment', () => {
  test('makes names answer, after which nothing is left to plan', async () => {
    const { plan, run, hosts } = await play({ hosts: [line('192.168.40.9', 'nas')] });
    const services = [wanting('grafana', '192.168.40.20'), wanting('wiki', 'fd00::30')];
    const { steps } = await plan(services);
    expect(await run(steps)).toEqual([
      {
        ok: true,
        did: [`added “${line('192.168.40.20')}”`, `${name} answers 192.168.40.20`],
      },
      { ok: true, did: ['added “fd00::30 wiki.home.lan”', 'wiki.home.lan answers fd00::30'] },
    ]);
    expect(hosts()).toEqual([line('192.168.40.9', 'nas'), line('192.168.40.20'), 'fd00::30 wiki.home.lan']);
    expect(await plan(services)).toMatchObject({
      steps: [],
      proofs: { grafana: [`the record ${name} → 192.168.40.20 is there`] },
    });
  });

  test('and its way back leave the same entries, to the letter', async () => {
    const kept = '192.168.40.20 Grafana.Home.lan. # since 2019';
    const { plan, run, hosts } = await play({ hosts: ['192.168.40.9 nas', kept, '10.0.0.7 old.home.lan'] });
    const earlier: Owned = [
      ownedStep('grafana', '192.168.40.20', kept),
      ownedStep('old', '10.0.0.7', '10.0.0.7 old.home.lan'),
    ];
    const before = [...hosts()].sort();
    const { steps } = await plan([
      wanting('grafana', '192.168.40.21', earlier.slice(0, 1)),
      wanting('old', null, earlier.slice(1)),
      wanting('wiki', '192.168.40.30'),
    ]);
    expect(steps).toHaveLength(3);
    expect(allOk(await run(steps))).toBe(true);
    expect([...hosts()].sort()).toEqual([
      line('192.168.40.21'),
      line('192.168.40.30', 'wiki.home.lan'),
      '192.168.40.9 nas',
    ]);
    expect(allOk(await run(back(steps), { phase: 'unwind' }))).toBe(true);
    expect([...hosts()].sort()).toEqual(before);
    expect(allOk(await run(back(steps), { phase: 'unwind' }))).toBe(true);
    expect([...hosts()].sort()).toEqual(before);
  });

  test('that stopped half-way is finished by the same steps, and by a new plan', async () => {
    const { plan, run, hosts, bench } = await play({ hosts: [line('192.168.40.20')] });
    const owned = [ownedStep('grafana', '192.168.40.20')];
    const service = wanting('grafana', '192.168.40.21', owned);
    const { steps } = await plan([service]);
    const stop = new AbortController();
    bench.pihole.faults.next({ method: 'PUT', path: name, after: () => stop.abort() });
    expect(await run(steps, { signal: stop.signal })).toMatchObject([
      { ok: false, touched: true, problem: { code: 'cancelled' } },
    ]);
    expect(hosts()).toEqual([line('192.168.40.20'), line('192.168.40.21')]);
    expect(bench.pihole.sessions.count).toBe(0);
    const again = await plan([service]);
    expect(again.steps).toMatchObject([{ before: { entries: hosts() }, after: steps[0]!.after }]);
    expect(allOk(await run(steps))).toBe(true);
    expect(hosts()).toEqual([line('192.168.40.21')]);
    const after = wanting('grafana', '192.168.40.21', [ownedStep('grafana', '192.168.40.21')]);
    expect((await plan([after])).steps).toEqual([]);
  });

  test('never takes over what somebody else made', async () => {
    const { plan, hosts } = await play({ hosts: [line('192.168.40.99')] });
    const { steps, risks } = await plan([
      wanting('grafana', '192.168.40.20'),
      wanting('wiki', '192.168.40.30'),
    ]);
    expect(steps.map(({ service }) => service)).toEqual(['wiki']);
    expect(risks).toMatchObject([{ code: 'conflict', service: 'grafana' }]);
    expect(hosts()).toEqual([line('192.168.40.99')]);
  });

  test('does not ask the server more than it may be asked', async () => {
    const { plan, run, bench } = await play({ dns: 'stale' });
    const services = Array.from({ length: 30 }, (_, index) => wanting(`s${index}`, `10.0.0.${index}`));
    const { steps } = await plan(services);
    expect((await run(steps)).some(({ ok }) => ok)).toBe(false);
    expect(bench.pihole.questions.length).toBeLessThan(500);
  });
});

describe('a step that fails', () => {
  test('because DNS keeps answering something else leaves all entries as they were', async () => {
    const { plan, run, hosts, bench } = await play({ hosts: [line('192.168.40.20')] });
    await bench.dns.resolve(name, signal);
    bench.pihole.state.dns = 'stale';
    const { steps } = await plan([
      wanting('grafana', '192.168.40.21', [ownedStep('grafana', '192.168.40.20')]),
    ]);
    const [result] = await run(steps);
    expect(result).toMatchObject({ ok: false, touched: false, problem: { code: 'dns-wrong' } });
    expect(result?.ok === false && result.problem.message).toBe(
      `${bench.dns.name} answers 192.168.40.20 for ${name}, not 192.168.40.21.`,
    );
    expect(hosts()).toEqual([line('192.168.40.20')]);
  });

  test('never fails because others know an address of another kind for the name', async () => {
    const { plan, run, hosts } = await play({ upstream: { [name]: ['2001:db8::1'] } });
    const { steps } = await plan([wanting('grafana', '192.168.40.20')]);
    expect(await run(steps)).toMatchObject([{ ok: true }]);
    expect(hosts()).toEqual([line('192.168.40.20')]);
  });

  test('because a removed name still answers is put back', async () => {
    const { plan, run, hosts, bench } = await play({ hosts: [line('192.168.40.20')] });
    await bench.dns.resolve(name, signal);
    bench.pihole.state.dns = 'stale';
    const { steps } = await plan([wanting('grafana', null, [ownedStep('grafana', '192.168.40.20')])]);
    expect(await run(steps)).toMatchObject([{ ok: false, touched: false, problem: { code: 'dns-wrong' } }]);
    expect(hosts()).toEqual([line('192.168.40.20')]);
  });

  test('does not hurt its neighbours', async () => {
    const { plan, run, hosts, bench } = await play({});
    bench.pihole.faults.next({
      ...{ method: 'PUT', path: name },
      reply: { status: 400, body: { error: { key: 'bad_request', message: 'Invalid value', hint: 'no' } } },
    });
    const { steps } = await plan([wanting('grafana', '192.168.40.20'), wanting('wiki', '192.168.40.30')]);
    expect((await run(steps)).map(({ ok }) => ok)).toEqual([false, true]);
    expect(hosts()).toEqual([line('192.168.40.30', 'wiki.home.lan')]);
  });

  test('because DNS is silent can be undone all the same', async () => {
    const { plan, run, hosts, bench } = await play({ dns: 'silent' });
    const { steps } = await plan([wanting('grafana', '192.168.40.20')]);
    expect(await run(steps)).toMatchObject([
      { ok: false, touched: false, problem: { code: 'system-unreachable' } },
    ]);
    expect(hosts()).toEqual([]);
    expect(await run(back(steps), { phase: 'unwind' })).toEqual([{ ok: true, did: ['nothing to put back'] }]);
    expect(hosts()).toEqual([]);
    expect(bench.pihole.sessions.count).toBe(0);
  });

  test('and cannot be put back says what is left', async () => {
    const { plan, run, hosts, bench } = await play({ dns: 'stale' });
    const { steps } = await plan([wanting('grafana', '192.168.40.20')]);
    bench.pihole.faults.next({
      method: 'DELETE',
      path: name,
      reply: refusal(403, 'forbidden', { message: 'The config is currently in read-only mode' }),
    });
    const [result] = await run(steps);
    expect(result).toMatchObject({ ok: false, touched: true, problem: { code: 'dns-wrong' } });
    expect(result?.ok === false && result.problem.hint).toContain('could not be taken back');
    expect(hosts()).toEqual([line('192.168.40.20')]);
  });

  test('because the server is away says so, and has touched nothing', async () => {
    const { plan, run, bench } = await play();
    const { steps } = await plan([wanting('grafana', '192.168.40.20')]);
    await bench.pihole.down();
    expect(await run(steps)).toMatchObject([
      { ok: false, touched: false, problem: { code: 'system-unreachable' } },
    ]);
  });
});

describe('the way back', () => {
  test('leaves restored entries where they are when the server does not answer for them', async () => {
    const { plan, run, hosts, bench } = await play({ hosts: [line('192.168.40.20')] });
    const { steps } = await plan([
      wanting('grafana', '192.168.40.21', [ownedStep('grafana', '192.168.40.20')]),
    ]);
    expect(allOk(await run(steps))).toBe(true);
    bench.pihole.state.dns = 'silent';
    const [result] = await run(back(steps), { phase: 'unwind' });
    expect(result).toMatchObject({ ok: false, touched: true, problem: { code: 'system-unreachable' } });
    expect(result?.ok === false && result.problem.message).toContain('The entries are as they were');
    expect(hosts()).toEqual([line('192.168.40.20')]);
  });

  test('does not write what it removed again while the server still answers with it', async () => {
    const { plan, run, hosts, bench } = await play();
    const { steps } = await plan([wanting('grafana', '192.168.40.20')]);
    expect(allOk(await run(steps))).toBe(true);
    bench.pihole.state.dns = 'stale';
    const [result] = await run(back(steps), { phase: 'unwind' });
    expect(result).toMatchObject({ ok: false, touched: true, problem: { code: 'dns-wrong' } });
    expect(hosts()).toEqual([]);
  });
});

describe('a server that takes no change', () => {
  const refusals: readonly (readonly [string, (bench: Bench) => void])[] = [
    ['because it is read-only', ({ pihole }) => void (pihole.state.readOnly = 'refuses')],
    ['because its names come from its environment', ({ pihole }) => void (pihole.state.forced = true)],
    [
      'because it lets nobody in any more',
      ({ pihole }) =>
        pihole.faults.next({
          method: 'GET',
          path: '/config/dns/hosts',
          after: () => void (pihole.state.password = 'another'),
        }),
    ],
  ];
  test.each(refusals)('%s has nothing to be undone', async (_, prepare) => {
    const { plan, run, hosts, bench } = await play({ hosts: [line('192.168.40.9', 'nas')] });
    const { steps } = await plan([wanting('grafana', '192.168.40.20')]);
    prepare(bench);
    expect(await run(steps)).toMatchObject([
      { ok: false, touched: false, problem: { code: 'system-refused' } },
    ]);
    expect(hosts()).toEqual([line('192.168.40.9', 'nas')]);
  });
});

test('two deployments at once keep what the other did', async () => {
  const { plan, run, hosts, bench } = await play();
  const one = await plan([wanting('grafana', '192.168.40.20')]);
  const two = await plan([wanting('wiki', '192.168.40.30')]);
  const results = await Promise.all([run(one.steps), run(two.steps, { through: bench.provider() })]);
  expect(results.every(allOk)).toBe(true);
  expect([...hosts()].sort()).toEqual([line('192.168.40.20'), line('192.168.40.30', 'wiki.home.lan')]);
});

function ownedStep(of: string, address: string, text = `${address} ${of}.home.lan`): StepOf<'dns'> {
  return {
    id: `1 dns ${of}`,
    stage: 'dns',
    service: of,
    system: stages.at(-1)?.bench.dns.name ?? '',
    target: `${of}.home.lan`,
    cause: 'no record',
    changes: [],
    before: null,
    after: { name: `${of}.home.lan`, addresses: [address], entries: [text] },
  };
}
