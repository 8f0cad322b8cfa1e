import { afterEach, describe, expect, test } from 'vitest';
import type { FleetStatus, Proposal, Request, Result } from '../../engine/index.ts';
import { inventoryText, webService } from '../../lab/house/definitions.ts';
import { startPihole, type Pihole } from '../../lab/pihole/pihole.ts';
import { app, openEngineHouse, type EngineHouse } from './engine-house.ts';
import { ana, ben } from './fixtures.ts';

const signal = (): AbortSignal => AbortSignal.timeout(60_000);
const name = 'app.home.lan';

let house: EngineHouse | undefined;
let pihole: Pihole | undefined;
afterEach(async () => {
  await house?.close();
  await pihole?.close();
  [house, pihole] = [undefined, undefined];
});

/** A service with a name on a Pi-hole, deployed. */
async function open(): Promise<{ readonly h: EngineHouse; readonly dns: Pihole }> {
  const dns = (pihole = await startPihole());
  const h = (house = await openEngineHouse());
  const systems = [
    'domain: home.lan',
    'systems:',
    '  dns:',
    '    provider: pihole',
    `    url: ${dns.url}`,
    `    server: ${dns.server.address}:${dns.server.port}`,
    '    target: 10.0.0.2',
  ];
  const [host] = h.world.hosts;
  const definition = { name: app.name, host: host!.name, image: h.image('web:1'), port: 18_080 };
  await h.services.commit(
    {
      'sentinel.yml': inventoryText(h.world, `${systems.join('\n')}\n`),
      [app.file]: `${webService(definition)}\ndns:\n  hostname: app # the short one\n`,
    },
    'feat: a name',
  );
  expect(await run(h, await ask(h, { kind: 'deploy', service: app.name }))).toBe('succeeded');
  expect(dns.state.hosts).toEqual([`10.0.0.2 ${name}`]);
  return { h, dns };
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}
const ask = async (h: EngineHouse, request: Request): Promise<Proposal> =>
  value(await h.engine.propose(request, ana, signal()));
const look = async (h: EngineHouse): Promise<FleetStatus> => value(await h.engine.status({}, ana, signal()));

async function run(h: EngineHouse, proposal: Proposal): Promise<string | null> {
  const decision = value(await h.engine.start(proposal.id, ana, signal()));
  if (decision.kind !== 'started') throw new Error(JSON.stringify(decision));
  return (await h.engine.finished(decision.deployment)).outcome;
}
const keep = { kind: 'keep', service: app.name } as const;

describe('a record somebody changed by hand', () => {
  test('is drift in the status, with what was and what Git wants', async () => {
    const { h, dns } = await open();
    expect((await look(h)).services[0]?.systems).toMatchObject([{ stage: 'dns', light: { state: 'good' } }]);
    dns.state.hosts = [`10.0.0.9 ${name}`];
    const requests = dns.requests.length;
    expect((await look(h)).services[0]?.systems).toMatchObject([
      {
        ...{ stage: 'dns', light: { state: 'bad', text: 'differs' } },
        drift: [{ kind: 'different', adoptable: true, changes: [{ before: '10.0.0.9', after: '10.0.0.2' }] }],
      },
    ]);
    const asked = dns.requests.slice(requests).map((request) => request.split(' ')[0]);
    expect(asked).not.toContain('PUT');
    expect(asked.filter((method) => method === 'DELETE').length).toBeLessThanOrEqual(1); // its own session
  });

  test('is put back by an ordinary deployment', async () => {
    const { h, dns } = await open();
    dns.state.hosts = [`10.0.0.9 ${name}`];
    const proposal = await ask(h, { kind: 'deploy', service: app.name });
    expect(proposal.plan.steps.map(({ stage }) => stage)).toContain('dns');
    expect(proposal.plan.steps.map(({ stage }) => stage)).not.toContain('deploy');
    expect(await run(h, proposal)).toBe('succeeded');
    expect(dns.state.hosts).toEqual([`10.0.0.2 ${name}`]);
  });

  test('is kept by a commit that changes one line, and nothing else happens', async () => {
    const { h, dns } = await open();
    const before = await h.services.read(app.file);
    dns.state.hosts = [`10.0.0.9 ${name}`];
    const proposal = await ask(h, { ...keep, reason: 'the new machine' });
    expect(proposal.plan).toMatchObject({
      steps: [{ stage: 'dns', changes: [] }, { stage: 'verify' }],
      diff: expect.stringContaining('+  ip: 10.0.0.9') as string,
    });
    expect(await h.services.read(app.file)).toBe(before);
    expect(await run(h, proposal)).toBe('succeeded');
    expect(await h.services.read(app.file)).toBe(`${before}  ip: 10.0.0.9\n`);
    expect(dns.state.hosts).toEqual([`10.0.0.9 ${name}`]);
    expect((await look(h)).services[0]?.systems).toMatchObject([{ light: { state: 'good' } }]);
    expect(await h.engine.propose(keep, ana, signal())).toMatchObject({
      ok: false,
      problems: [{ code: 'nothing-to-do' }],
    });
  });

  test('is ours again once it was kept, so that it goes with its name', async () => {
    const { h, dns } = await open();
    dns.state.hosts = [`10.0.0.9 ${name}`];
    expect(await run(h, await ask(h, keep))).toBe('succeeded');
    const text = (await h.services.read(app.file)) ?? '';
    await h.services.commit({ [app.file]: text.slice(0, text.indexOf('dns:')) }, 'chore: no name');
    expect(await run(h, await ask(h, { kind: 'deploy', service: app.name }))).toBe('succeeded');
    expect(dns.state.hosts).toEqual([]);
  });

  test('that changed again before it was kept makes the request stale, and the next one keeps what is there', async () => {
    const { h, dns } = await open();
    dns.state.hosts = [`10.0.0.9 ${name}`];
    const proposal = await ask(h, keep);
    dns.state.hosts = [`10.0.0.7 ${name}`];
    const decision = value(await h.engine.start(proposal.id, ana, signal()));
    if (decision.kind !== 'stale') throw new Error(decision.kind);
    expect(await run(h, value(decision.next))).toBe('succeeded');
    expect(await h.services.read(app.file)).toContain('  ip: 10.0.0.7\n');
  });

  test('that was put back meanwhile leaves nothing to keep', async () => {
    const { h, dns } = await open();
    dns.state.hosts = [`10.0.0.9 ${name}`];
    const proposal = await ask(h, keep);
    dns.state.hosts = [`10.0.0.2 ${name}`];
    expect(await h.engine.start(proposal.id, ana, signal())).toMatchObject({
      ok: false,
      problems: [{ code: 'nothing-to-do' }],
    });
    expect(await h.services.read(app.file)).not.toContain('ip:');
  });

  test('is kept only by somebody who may deploy', async () => {
    const { h, dns } = await open();
    dns.state.hosts = [`10.0.0.9 ${name}`];
    expect(await h.engine.propose(keep, ben, signal())).toMatchObject({
      ok: false,
      problems: [{ code: 'not-allowed' }],
    });
  });
});

test('a system that does not answer is told once, and the services on it are unknown, not bad', async () => {
  const { h, dns } = await open();
  await dns.down();
  const { services, problems } = await look(h);
  expect(services[0]?.systems).toMatchObject([{ stage: 'dns', light: { state: 'unknown' } }]);
  expect(problems.map(({ code }) => code)).toEqual(['system-unreachable']);
  expect(await h.engine.propose(keep, ana, signal())).toMatchObject({
    ok: false,
    problems: [{ code: 'system-unreachable' }],
  });
});
