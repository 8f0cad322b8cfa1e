import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test, describe } from 'vitest';
import { parse } from 'yaml';
import { checkRoute } from '../../../../engine/stages/traefik/check-route.ts';
import { guardOf } from '../../../../engine/stages/traefik/route-document.ts';
import { routeFile } from '../../../../engine/stages/traefik/route-file.ts';
import type { Route, SignOn } from '../../../../engine/index.ts';
import { projectFile } from '../../../../lab/project-file.ts';
import { decode } from '../../../../lab/traefik/decode.ts';
import { service } from '../../fixtures.ts';
import { authentik, route, signOn } from './support.ts';

const system = { host: 'edge', directory: '/etc/traefik/dynamic' };
const fileFor = (more: Partial<Route> = {}, method: SignOn['method'] | null = null) => {
  const wanted = method === null ? null : signOn(method);
  const guard = guardOf(wanted, authentik);
  return routeFile({ ...service('grafana'), route: route(more), signOn: wanted }, system, guard!);
};

describe('the file of a route', () => {
  test('says whose it is, and no more than has to be said', () => {
    expect(fileFor().text)
      .toBe(`# Written by Sentinel for grafana from services/media/grafana.yml; changes made here are overwritten.
http:
  routers:
    grafana:
      rule: Host(\`grafana.home.lan\`)
      entryPoints:
        - websecure
      tls:
        certResolver: letsencrypt
      service: grafana
  services:
    grafana:
      loadBalancer:
        servers:
          - url: http://192.168.40.13:3030
`);
    expect(fileFor().state).toMatchObject({
      host: 'edge',
      path: '/etc/traefik/dynamic/grafana.yml',
      hostnames: ['grafana.home.lan'],
      backend: 'http://192.168.40.13:3030',
      signOn: false,
    });
  });

  test('is the same for the same definition', () => {
    expect(fileFor({}, 'forward_auth')).toEqual(fileFor({}, 'forward_auth'));
  });

  test('has TLS without a resolver, and none over plain HTTP', () => {
    expect(fileFor({ tls: { certResolver: null } }).document.routers['grafana']?.tls).toEqual({});
    expect(fileFor({ tls: null }).text).not.toContain('tls');
  });

  test('has a middleware of its own where headers say something, in front of the named ones', () => {
    const headers = {
      frameDeny: true,
      stsSeconds: 300,
      contentTypeNosniff: true,
      custom: { 'X-Robots-Tag': 'none' },
    };
    const { document } = fileFor({ headers, middlewares: ['rate-limit'] });
    expect(document.routers['grafana']?.middlewares).toEqual(['grafana-headers', 'rate-limit']);
    expect(document.middlewares?.['grafana-headers']).toEqual({
      headers: {
        frameDeny: true,
        stsSeconds: 300,
        contentTypeNosniff: true,
        customResponseHeaders: { 'X-Robots-Tag': 'none' },
      },
    });
    const silent = { frameDeny: null, stsSeconds: 0, contentTypeNosniff: false, custom: {} };
    expect(fileFor({ headers: silent }).document.middlewares).toBeUndefined();
  });

  test('takes the header away that forbids frames, where embedding is allowed', () => {
    const headers = { frameDeny: false, stsSeconds: null, contentTypeNosniff: null, custom: {} };
    expect(fileFor({ headers }).document.middlewares?.['grafana-headers']).toEqual({
      headers: { customResponseHeaders: { 'X-Frame-Options': '' } },
    });
  });

  test('asks Authentik first and routes its outpost beside, without asking', () => {
    const { document, state } = fileFor({ middlewares: ['rate-limit'] }, 'forward_auth');
    expect(document.routers['grafana']?.middlewares).toEqual(['grafana-auth', 'rate-limit']);
    expect(document.middlewares?.['grafana-auth']).toMatchObject({
      forwardAuth: {
        address: 'http://192.168.40.21:9000/outpost.goauthentik.io/auth/traefik',
        trustForwardHeader: true,
      },
    });
    const outpost = document.routers['grafana-outpost'];
    expect(outpost).toMatchObject({
      rule: 'Host(`grafana.home.lan`) && PathPrefix(`/outpost.goauthentik.io/`)',
      service: 'grafana-outpost',
      tls: { certResolver: 'letsencrypt' },
    });
    expect(outpost?.middlewares).toBeUndefined();
    expect(outpost?.priority).toBeGreaterThan(document.routers['grafana']?.rule.length ?? Infinity);
    expect(document.services['grafana-outpost']?.loadBalancer.servers).toEqual([
      { url: authentik.outpostUrl },
    ]);
    expect(state.signOn).toBe(true);
  });

  test('uses the middleware of sentinel.yml once, where it names one', () => {
    const { document } = fileFor(
      { signOnMiddleware: 'authentik@docker', middlewares: ['authentik@docker', 'rate-limit'] },
      'forward_auth',
    );
    expect(document.routers['grafana']?.middlewares).toEqual(['authentik@docker', 'rate-limit']);
    expect(document.middlewares).toBeUndefined();
    expect(document.routers['grafana-outpost']).toBeDefined();
  });

  test('needs no outpost of its own where the whole domain is guarded', () => {
    const { document, state } = fileFor({}, 'forward_domain');
    expect(document.routers['grafana']?.middlewares).toEqual(['grafana-auth']);
    expect(Object.keys(document.routers)).toEqual(['grafana']);
    expect(state.signOn).toBe(true);
  });

  test('leads to the outpost where that passes requests on, and nowhere special with OpenID Connect', () => {
    const proxied = fileFor({ healthCheck: { path: '/', interval: 30, timeout: 5 } }, 'proxy');
    expect(proxied.document.services['grafana']).toEqual({
      loadBalancer: { servers: [{ url: authentik.outpostUrl }] },
    });
    expect(proxied.state).toMatchObject({ backend: authentik.outpostUrl, signOn: true });
    expect(fileFor({}, 'oidc').text).toBe(fileFor().text);
  });

  test('cannot be had without the Authentik that guards it', () => {
    for (const method of ['forward_auth', 'forward_domain', 'proxy'] as const)
      expect(guardOf(signOn(method), null)).toBeNull();
    expect(guardOf(signOn('oidc'), null)).toEqual({ kind: 'open' });
  });

  test('writes seconds as Traefik reads them, also parts of one', () => {
    const { document } = fileFor({ healthCheck: { path: '/ping', interval: 90, timeout: 0.5 } });
    expect(document.services['grafana']?.loadBalancer.healthCheck).toEqual({
      path: '/ping',
      interval: '90s',
      timeout: '500ms',
    });
  });

  test('puts words in quotes that a reader of another version would take for something else', () => {
    const custom = { 'X-Date': '2024-01-01', 'X-Yes': 'yes', 'X-Number': '1_000' };
    const { text } = fileFor({ headers: { ...route().headers, custom } });
    for (const word of Object.values(custom)) expect(text).toContain(`: "${word}"\n`);
  });

  test('escapes what Traefik would run as a template', () => {
    const headers = {
      frameDeny: null,
      stsSeconds: null,
      contentTypeNosniff: null,
      custom: { 'X-Odd': '{{ env "HOME" }} {{{' },
    };
    const file = fileFor({ headers });
    expect(file.text.replaceAll('{{ "{{" }}', '')).not.toContain('{{');
    const read = decode(file.text).middlewares['grafana-headers'];
    expect(read).toEqual({ headers: { customResponseHeaders: { 'X-Odd': '{{ env "HOME" }} {{{' } } });
    expect(checkRoute(service('grafana'), file)).toEqual([]);
  });

  test.each([
    ['a line break in a header', { headers: { ...route().headers, custom: { 'X-A': 'a\nb' } } }],
    ['a host name that is none', { hostname: 'a`) || Host(`b' }],
    ['an address with a line break', { backend: 'http://a\nb' }],
  ])('is refused with %s', (_what, more) => {
    const [problem] = checkRoute(service('grafana'), fileFor(more));
    expect(problem).toMatchObject({ code: 'definition-invalid', where: 'services/media/grafana.yml' });
  });
});

const contract = projectFile('../shared/contracts/traefik-v3-file-provider.schema.json');

describe('many files', () => {
  const methods = [null, 'forward_auth', 'forward_domain', 'proxy', 'oidc'] as const;
  const routes: readonly Partial<Route>[] = [
    {},
    { tls: null, entryPoints: [] },
    { tls: { certResolver: null }, middlewares: ['a@docker', 'b'] },
    { headers: { frameDeny: true, stsSeconds: 1, contentTypeNosniff: true, custom: { 'X-A': 'yes: "no"' } } },
    { headers: { frameDeny: false, stsSeconds: 0, contentTypeNosniff: false, custom: {} } },
    { signOnMiddleware: 'authentik-auth', healthCheck: { path: '/api/health', interval: 30, timeout: 5 } },
  ];
  const files = methods.flatMap((method) => routes.map((more) => fileFor(more, method)));

  test('pass our own checks, and are loaded by something as strict as Traefik', () => {
    for (const file of files) {
      expect(checkRoute(service('grafana'), file)).toEqual([]);
      expect(decode(file.text).routers['grafana']).toBeDefined();
    }
  });

  // The official schema lies beside the project where it is developed.
  test.skipIf(!existsSync(contract))(
    'keep to the official schema (skipped where the schema is absent)',
    () => {
      const ajv = new Ajv({ strict: false, allErrors: true });
      const validate = ajv.compile(JSON.parse(readFileSync(contract, 'utf8')) as object);
      for (const { text } of files) {
        validate(parse(text));
        expect(validate.errors ?? []).toEqual([]);
      }
      expect(validate({ http: { routers: { a: { rule: 'x', service: 'y', typo: 1 } } } })).toBe(false);
    },
  );
});
