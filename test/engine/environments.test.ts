import { afterEach, describe, expect, test } from 'vitest';
import type { ApprovalPolicy, Proposal, Request, Result } from '../../engine/index.ts';
import { inventoryText, webService } from '../../lab/house/definitions.ts';
import { nobodyAsked, openEngineHouse, type EngineHouse, type EngineHouseOptions } from './engine-house.ts';
import { ana } from './fixtures.ts';

const signal = (): AbortSignal => AbortSignal.timeout(60_000);
const both = { production: { branch: 'main' }, staging: { branch: 'main' } };
const fileIn = (environment: string): string => `environments/${environment}/services/media/app.yml`;

let house: EngineHouse | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});
const open = async (options: EngineHouseOptions = {}): Promise<EngineHouse> =>
  (house = await openEngineHouse({ environments: both, ...options }));

const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
};
const propose = (h: EngineHouse, environment: string, more: Partial<Request> = {}) =>
  h.engine.propose({ kind: 'deploy', service: 'app', environment, ...more } as Request, ana, signal());
async function run(h: EngineHouse, proposal: Proposal): Promise<string | null> {
  const decision = value(await h.engine.start(proposal.id, ana, signal()));
  if (decision.kind !== 'started') throw new Error(JSON.stringify(decision));
  return (await h.engine.finished(decision.deployment)).outcome;
}
const deploy = async (h: EngineHouse, environment: string): Promise<string | null> =>
  run(h, value(await propose(h, environment)));

interface Place {
  readonly host: number;
  readonly port: number;
  readonly image?: string;
  readonly name?: string;
  readonly more?: string;
}
const define = (h: EngineHouse, places: Readonly<Record<string, Place>>): Promise<string> =>
  h.services.commit(
    Object.fromEntries(
      Object.entries(places).map(
        ([environment, { host, port, image = 'web:1', name = 'app', more = '' }]) => [
          fileIn(environment),
          webService({ name, host: h.world.hosts[host]!.name, image: h.image(image), port, more }),
        ],
      ),
    ),
    'feat: places',
  );

describe('staging and production of one service', () => {
  test('are deployed, looked at and rolled back each for itself', async () => {
    const h = await open({ hosts: 2 });
    await define(h, { production: { host: 0, port: 18_080 }, staging: { host: 1, port: 18_081 } });
    expect(await deploy(h, 'production')).toBe('succeeded');
    expect(await deploy(h, 'staging')).toBe('succeeded');
    await define(h, { staging: { host: 1, port: 18_081, image: 'web:2' } });
    expect(value(await propose(h, 'production')).plan.steps).toEqual([]);
    expect(await deploy(h, 'staging')).toBe('succeeded');

    const back = value(await propose(h, 'staging', { kind: 'rollback' }));
    expect(back.plan).toMatchObject({ environment: 'staging', services: [{ host: h.world.hosts[1]!.name }] });
    expect(await run(h, back)).toBe('succeeded');
    const written = await h.services.read(fileIn('staging'));
    expect(written).toContain('web:1');
    expect(value(await propose(h, 'production')).plan.steps).toEqual([]);

    const lights = async (environment: string) =>
      value(await h.engine.status({ environment }, ana, signal())).services.map((one) => [
        one.host,
        one.desired.state,
      ]);
    expect(await lights('production')).toEqual([[h.world.hosts[0]!.name, 'good']]);
    expect(await lights('staging')).toEqual([[h.world.hosts[1]!.name, 'good']]);
  });

  test('a new version for one of them is written into its own file', async () => {
    const h = await open({ hosts: 2 });
    await define(h, { production: { host: 0, port: 18_080 }, staging: { host: 1, port: 18_081 } });
    expect(await run(h, value(await propose(h, 'staging', { version: '2' })))).toBe('succeeded');
    expect(await h.services.read(fileIn('staging'))).toContain('web:2');
    expect(await h.services.read(fileIn('production'))).toContain('web:1');
  });

  test('can both be locked at the same time', async () => {
    const h = await open({ hosts: 2 });
    await define(h, { production: { host: 0, port: 18_080 }, staging: { host: 1, port: 18_081 } });
    const [live, next] = [value(await propose(h, 'production')), value(await propose(h, 'staging'))];
    expect(await Promise.all([run(h, live), run(h, next)])).toEqual(['succeeded', 'succeeded']);
  });

  test.each([
    ['the same directory', { host: 0, port: 18_081 }, 'path-clash', '/app'],
    ['the same port', { host: 0, port: 18_080, name: 'other' }, 'port-clash', 'port 18080'],
  ] as const)(
    'on %s of one machine: the second is refused, the first is not',
    async (_, place, code, words) => {
      const h = await open();
      await define(h, { production: { host: 0, port: 18_080 }, staging: place });
      const service = 'name' in place ? place.name : 'app';
      expect(await deploy(h, 'production')).toBe('succeeded');
      const refused = await propose(h, 'staging', { service });
      expect(refused).toMatchObject({ ok: false, problems: [{ code, where: fileIn('staging') }] });
      expect(JSON.stringify(refused)).toContain(words);
      expect(JSON.stringify(refused)).toContain('app of production');
      expect(value(await propose(h, 'production')).plan.steps).toEqual([]);
    },
  );

  test('on one host name that means two machines do not disturb each other', async () => {
    const h = await open({ hosts: 2 });
    const [one, two] = h.world.hosts;
    const other = `environments:\n  staging:\n    hosts:\n      ${one!.name}:\n        address: ${two!.address}\n        port: ${two!.port}\n        user: ${two!.user}\n        host_key: ${two!.hostKey}\n        install_root: ${two!.installRoot}\n`;
    await h.services.commit({ 'sentinel.yml': inventoryText(h.world, other) }, 'feat: machines');
    await define(h, { production: { host: 0, port: 18_080 }, staging: { host: 0, port: 18_080 } });
    expect(await deploy(h, 'production')).toBe('succeeded');
    expect(await deploy(h, 'staging')).toBe('succeeded');
  });

  test('with systems in common: a name, a route or a login of the one is not taken by the other', async () => {
    const h = await open({ hosts: 2 });
    const dns = 'domain: home.lan\nenvironments:\n  staging: { domain: next.home.lan }\n';
    const around = (name: string) => `\ntraefik: { subdomain: ${name} }\n`;
    const traefik = `systems:\n  traefik: { host: ${h.world.hosts[0]!.name}, directory: /etc/traefik/dynamic }\n`;
    await h.services.commit({ 'sentinel.yml': inventoryText(h.world, dns + traefik) }, 'feat: proxy');
    const at = async (environment: string, host: number, name: string) =>
      h.services.commit(
        {
          [fileIn(environment)]:
            webService({ name, host: h.world.hosts[host]!.name, image: h.image('web:1'), port: 18_080 }) +
            around(environment === 'staging' ? 'same.home.lan' : 'same'),
        },
        'feat: route',
      );
    await at('production', 0, 'app');
    await at('staging', 1, 'app');
    await deploy(h, 'production');
    expect(await propose(h, 'staging')).toMatchObject({
      ok: false,
      problems: [{ code: 'duplicate-name', message: expect.stringContaining('route file of app') as string }],
    });
    await at('staging', 1, 'app-next');
    const renamed = await propose(h, 'staging', { service: 'app-next' });
    expect(value(renamed).plan.services).toMatchObject([{ name: 'app-next' }]);
  });

  test('need the approvals of their own environment', async () => {
    const strict = { ...nobodyAsked.fallback, required: 2 };
    const approvals: ApprovalPolicy = {
      rules: [{ ...strict, environments: ['production'], categories: [] }],
      fallback: nobodyAsked.fallback,
    };
    const h = await open({ hosts: 2, approvals });
    await define(h, { production: { host: 0, port: 18_080 }, staging: { host: 1, port: 18_081 } });
    expect(value(await propose(h, 'production')).rule.required).toBe(2);
    expect(value(await propose(h, 'staging')).rule.required).toBe(0);
  });
});

test('branches for environments: each plans what its own branch has', async () => {
  const h = await open({
    hosts: 2,
    environments: { production: { branch: 'main' }, staging: { branch: 'next' } },
  });
  const text = (image: string, host: number) =>
    webService({ name: 'app', host: h.world.hosts[host]!.name, image: h.image(image), port: 18_080 });
  await h.services.commit({ 'services/media/app.yml': text('web:1', 0) }, 'feat: app');
  await h.services.branch('next', { 'services/media/app.yml': text('web:2', 1) });
  expect(await deploy(h, 'production')).toBe('succeeded');
  expect(await deploy(h, 'staging')).toBe('succeeded');
  expect(h.store.deployments.recent(2).map(({ plan }) => [plan.environment, plan.services[0]?.host])).toEqual(
    [
      ['staging', h.world.hosts[1]!.name],
      ['production', h.world.hosts[0]!.name],
    ],
  );
});
