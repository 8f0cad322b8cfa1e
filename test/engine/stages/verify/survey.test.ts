import { describe, expect, test } from 'vitest';
import type { Scope, ScopedService, Settled } from '../../../../engine/ports.ts';
import { verify } from '../../../../engine/stages/verify/index.ts';
import { reverse } from '../../../../engine/swap.ts';
import type { Service, SideStage, SignOn, Step, Systems } from '../../../../engine/types.ts';
import { deployStep, inventory, noSystems, service } from '../../fixtures.ts';

const systems: Systems = {
  ...noSystems,
  traefik: {
    ...{ host: 'edge', address: '192.168.40.20', httpsPort: 443, httpPort: 80, directory: '/etc/traefik' },
    ...{ api: null, container: null, ca: null },
  },
  dns: {
    ...{ provider: 'pihole', url: 'http://192.168.40.53', server: { address: '192.168.40.53', port: 53 } },
    ...{ password: null, key: null, secret: null, ca: null },
  },
  authentik: {
    ...{ url: 'https://auth.lan', token: 'T', outpost: null, outpostUrl: 'http://192.168.40.21:9000' },
    ...{ authorizationFlow: 'a', invalidationFlow: 'i', ca: null },
  },
};
const name = 'grafana.home.lan';
const signOn: SignOn = {
  ...{ method: 'forward_auth', name: 'grafana', slug: 'grafana', group: '', icon: '' },
  ...{ launchUrl: `https://${name}`, backend: null, skipPaths: [], oidc: null },
};
const grafana = (more: Partial<Service> = {}): Service =>
  service('grafana', {
    route: {
      ...{ hostname: name, entryPoints: ['websecure'], tls: { certResolver: null }, middlewares: [] },
      headers: { frameDeny: null, stsSeconds: null, contentTypeNosniff: null, custom: {} },
      ...{ backend: 'http://192.168.40.13:3030', healthCheck: null, signOnMiddleware: null },
    },
    record: { name, address: '192.168.40.20' },
    ...more,
  });

const common = (stage: string) => ({
  ...{ id: `${stage} grafana`, service: 'grafana', system: stage, target: stage, cause: 'new', changes: [] },
});
const record = (address: string) => ({ name, addresses: [address], entries: [`${address} ${name}`] });
const dnsStep = (from: string | null, to: string | null): Step => ({
  ...common('dns'),
  stage: 'dns',
  before: from === null ? null : record(from),
  after: to === null ? null : record(to),
});
const routeState = (signOnAsked: boolean, hostname = name) => ({
  ...{ host: 'edge', path: `/etc/traefik/${hostname}.yml`, hostnames: [hostname], content: hostname },
  ...{ backend: 'http://192.168.40.13:3030', signOn: signOnAsked },
});
type RouteSide = ReturnType<typeof routeState> | null;
const routeStep = (before: RouteSide, after: RouteSide): Step => ({
  ...common('traefik'),
  stage: 'traefik',
  before,
  after,
});
const application: Step = {
  ...common('authentik'),
  stage: 'authentik',
  before: null,
  after: {
    ...{
      slug: 'grafana',
      name: 'grafana',
      group: '',
      launchUrl: '',
      icon: '',
      provider: null,
      ...{ outpost: null, bindings: [], settings: '' },
    },
  },
};
const deployed = deployStep('grafana');
const fresh = deployStep('grafana', { before: null });

interface Case {
  readonly steps: readonly Step[];
  readonly settled?: readonly SideStage[];
  readonly definition?: Partial<Service>;
  readonly systems?: Systems;
  readonly want?: 'present' | 'absent';
}
function checksFor({ steps, settled = [], definition = {}, want = 'present', ...more }: Case) {
  const shared = { name: 'grafana', service: grafana(definition), owned: [] };
  const scoped: ScopedService =
    want === 'present' ? { want, ...shared } : { want, ...shared, deleteVolumes: false };
  const scope: Scope = {
    inventory: { ...inventory, systems: more.systems ?? systems },
    services: [scoped],
  };
  const known: Settled = Object.fromEntries(settled.map((stage) => [stage, ['grafana']]));
  return verify.conclude?.(scope, steps, known) ?? [];
}
const kinds = (wanted: Case) => checksFor(wanted).map(({ after }) => after?.kind);
const ofKind = (kind: 'name' | 'route', wanted: Case) =>
  checksFor(wanted).find(({ after }) => after?.kind === kind);

describe('what is proven of a service', () => {
  test('a new service with a record and a route gets all three checks, in one batch', () => {
    const steps = checksFor({
      steps: [fresh, routeStep(null, routeState(false)), dnsStep(null, '192.168.40.20')],
    });
    expect(steps.map(({ after, system, before }) => [after?.kind, system, before])).toEqual([
      ['service', 'h1', null],
      ['name', 'h1', null],
      ['route', 'h1', null],
    ]);
    expect(steps.map(({ target }) => target)).toEqual([
      'grafana works',
      `${name} resolves`,
      `https://${name}/ answers`,
    ]);
  });

  test('a new image proves name and route again where they are as they should be', () => {
    const steps = checksFor({ steps: [deployed], settled: ['dns', 'traefik'] });
    expect(steps.map(({ after }) => after?.kind)).toEqual(['service', 'name', 'route']);
    expect(steps.slice(1).every(({ before, after }) => before === after && after !== null)).toBe(true);
  });

  test('where somebody else holds the name or the route there is no check that could only fail', () => {
    expect(kinds({ steps: [deployed] })).toEqual(['service']);
    expect(kinds({ steps: [deployed, dnsStep(null, '192.168.40.20')] })).toEqual(['service', 'name']);
    expect(kinds({ steps: [deployed, routeStep(null, routeState(false))] })).toEqual(['service', 'route']);
  });

  test('a system sentinel.yml does not name is not asked', () => {
    const steps = [deployed, routeStep(null, routeState(false)), dnsStep(null, '192.168.40.20')];
    expect(kinds({ steps, systems: { ...systems, dns: null } })).toEqual(['service', 'route']);
    expect(kinds({ steps, systems: { ...systems, traefik: null } })).toEqual(['service', 'name']);
  });

  test('nothing is proven of what is not there any more, and nothing where nothing changes', () => {
    const gone = [routeStep(routeState(false), null), dnsStep('192.168.40.20', null)];
    expect(kinds({ steps: gone })).toEqual([]);
    expect(kinds({ steps: gone, want: 'absent', settled: ['dns', 'traefik'] })).toEqual([]);
    expect(kinds({ steps: [], settled: ['dns', 'traefik'] })).toEqual([]);
  });

  test('a changed record is proven alone, and its route when that is there', () => {
    const steps = [dnsStep('192.168.40.9', '192.168.40.20')];
    expect(kinds({ steps, definition: { route: null } })).toEqual(['name']);
    expect(kinds({ steps, settled: ['traefik'] })).toEqual(['name', 'route']);
  });

  test('a route without TLS is visited at the proxy’s plain port', () => {
    const route = { ...grafana().route!, tls: null };
    const steps = [routeStep(null, routeState(false))];
    expect(ofKind('route', { steps, definition: { route } })?.after).toEqual({
      ...{ kind: 'route', url: `http://${name}/`, address: '192.168.40.20', port: 80, signOn: null },
    });
  });
});

describe('what is proven of a protected service', () => {
  const steps = [routeStep(null, routeState(true)), application];
  const signOnOf = (more: Partial<SignOn>) =>
    ofKind('route', { steps, definition: { signOn: { ...signOn, ...more } } })?.after;

  test('people are sent to the sign-on', () => {
    expect(signOnOf({})).toMatchObject({ signOn: 'https://auth.lan' });
    expect(signOnOf({ method: 'proxy' })).toMatchObject({ signOn: 'https://auth.lan' });
  });
  test('unless the service asks itself, or its front page is open to all', () => {
    expect(signOnOf({ method: 'oidc' })).toMatchObject({ signOn: null });
    expect(signOnOf({ skipPaths: ['^/$'] })).toMatchObject({ signOn: null });
    expect(signOnOf({ skipPaths: ['^/api/', '('] })).toMatchObject({ signOn: 'https://auth.lan' });
  });
  test('also where the owner put the login’s middleware on the route by hand', () => {
    const route = { ...grafana().route!, middlewares: ['login@file'], signOnMiddleware: 'login' };
    const open = [routeStep(null, routeState(false))];
    expect(ofKind('route', { steps: open, definition: { route } })?.after).toMatchObject({
      signOn: 'https://auth.lan',
    });
  });
  test('nothing, where the sign-on could not be made', () => {
    const definition = { signOn };
    expect(kinds({ steps: [routeStep(null, routeState(true))], definition })).toEqual([]);
    expect(kinds({ steps: [deployed], settled: ['traefik', 'authentik'], definition })).toEqual([
      'service',
      'route',
    ]);
  });
});

describe('what is proven on the way back', () => {
  const back = (kind: 'name' | 'route', wanted: Case) =>
    reverse(checksFor(wanted)).find(({ after }) => after !== null && 'kind' in after && after.kind === kind);

  test('the address a name had', () => {
    expect(back('name', { steps: [dnsStep('192.168.40.9', '192.168.40.20')] })?.after).toMatchObject({
      addresses: ['192.168.40.9'],
    });
    expect(back('name', { steps: [dnsStep(null, '192.168.40.20')] })).toBeUndefined();
  });
  test('the host name and the openness a route had', () => {
    const steps = [routeStep(routeState(false, 'stats.home.lan'), routeState(true)), application];
    expect(back('route', { steps, definition: { signOn } })?.after).toMatchObject({
      ...{ url: 'https://stats.home.lan/', signOn: null },
    });
  });
  test('nothing, where it led to nothing or its login was not there', () => {
    const settled = ['traefik'] as const;
    expect(back('route', { steps: [fresh], settled })).toBeUndefined();
    expect(back('route', { steps: [application], settled, definition: { signOn } })).toBeUndefined();
    expect(back('route', { steps: [deployed], settled })?.after).toMatchObject({ signOn: null });
  });
});
