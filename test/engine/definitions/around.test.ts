import { describe, expect, test } from 'vitest';
import { readInventory } from '../../../engine/definitions/read-inventory.ts';
import type { Service } from '../../../engine/index.ts';
import { fleetSource, treeOf } from './support.ts';

const file = 'services/monitoring/app.yml';
const inventory = `domain: home.lan
hosts:
  h1: { address: 10.0.0.5 }
  edge: { address: 10.0.0.2 }
systems:
  traefik: { host: edge, directory: /etc/traefik/dynamic/, cert_resolver: le, auth_middleware: auth }
  dns: { provider: pihole, url: http://10.0.0.53/, password: PIHOLE }
  authentik: { url: https://auth.home.lan/, token: TOKEN }
  glance: { host: edge, config: /srv/glance/glance.yml, page: Home }
`;

function serviceWith(sections: string, sentinel = inventory): Service {
  const text = `service:\n  name: app\n  display_name: App\ndeployment:\n  target_host: h1\n  image: nginx:1.27\n  port: 8080\n  healthcheck: { endpoint: /health }\n${sections}`;
  const { fleet, problems } = fleetSource().load(
    treeOf({ 'sentinel.yml': sentinel, [file]: text }),
    'production',
  );
  expect(problems).toEqual([]);
  const [service] = fleet.services;
  if (service === undefined) throw new Error('no service was read');
  return service;
}

describe('what a definition asks of the systems around a service', () => {
  test('is nothing when it says nothing', () => {
    expect(serviceWith('')).toMatchObject({ route: null, record: null, signOn: null, tile: null });
  });

  test('is filled in from sentinel.yml where a section says nothing', () => {
    const { route, record, tile } = serviceWith(
      'traefik: { enabled: true }\ndns: { enabled: true }\nglance: { enabled: true }\n',
    );
    expect(route).toMatchObject({
      hostname: 'app.home.lan',
      entryPoints: ['websecure'],
      tls: { certResolver: 'le' },
      backend: 'http://10.0.0.5:8080',
    });
    expect(record).toEqual({ name: 'app.home.lan', address: '10.0.0.2' });
    expect(tile).toEqual({
      page: 'Home',
      bookmark: {
        ...{ group: 'Monitoring', title: 'App', url: 'https://app.home.lan' },
        ...{ description: null, icon: null },
      },
      monitor: {
        ...{ widget: 'Services', title: 'App', url: 'https://app.home.lan' },
        ...{ checkUrl: 'http://10.0.0.5:8080/health', alsoHealthy: [], icon: null },
      },
    });
  });

  test('names the middleware for signing on once, whoever wrote it', () => {
    const sections = 'traefik: { middlewares: [auth@file, limit] }\nauthentik: { enabled: true }\n';
    const { route, signOn } = serviceWith(sections);
    expect(route).toMatchObject({ middlewares: ['limit'], signOnMiddleware: 'auth' });
    expect(signOn).toMatchObject({ method: 'forward_auth', slug: 'app', launchUrl: 'https://app.home.lan' });
  });

  test('is only the place on the dashboard that is named, when one is', () => {
    expect(serviceWith('glance: { bookmark: { group: Tools } }\n').tile).toMatchObject({
      bookmark: { group: 'Tools', url: 'http://10.0.0.5:8080' },
      monitor: null,
    });
  });

  test('needs whole host names where sentinel.yml has no domain', () => {
    const text = (sections: string) =>
      `service:\n  name: app\ndeployment:\n  target_host: h1\n  image: nginx:1.27\n  port: 8080\n${sections}`;
    const messages = (sections: string) =>
      fleetSource()
        .load(
          treeOf({ 'sentinel.yml': inventory.replace(/^domain.*\n/, ''), [file]: text(sections) }),
          'production',
        )
        .problems.map(({ where = '', message }) => `${where.replace(`${file}:`, '')} ${message}`);
    const why = 'is not a full host name and sentinel.yml has no domain';
    expect(messages('traefik: { enabled: true }\ndns: {}\n')).toEqual([`7:1 traefik: “app” ${why}`]);
    expect(messages('traefik: { subdomain: app.home.lan }\ndns: { hostname: web }\n')).toEqual([
      `8:18 dns: “web” ${why}`,
    ]);
    expect(messages('traefik: { subdomain: app.home.lan }\ndns: {}\n')).toEqual([]);
    expect(messages('traefik: { enabled: false }\ndns: { enabled: false }\n')).toEqual([]);
  });

  test('takes expressions as Authentik reads them', () => {
    const { signOn } = serviceWith(
      'traefik: {}\nauthentik: { enabled: true, skip_paths: ["(?i)^/api", "^/(?P<kind>a|b)/(?i:x)$"] }\n',
    );
    expect(signOn?.skipPaths).toHaveLength(2);
  });

  test('can be an address of its own', () => {
    expect(serviceWith('dns: { hostname: other, ip: 10.0.0.9 }\n').record).toEqual({
      name: 'other.home.lan',
      address: '10.0.0.9',
    });
  });
});

describe('the systems of sentinel.yml', () => {
  const problemsOf = (systems: string) => {
    const text = `hosts:\n  h1: { address: 10.0.0.5 }\n  named: { address: media.lan }\nsystems:\n${systems}`;
    const read = readInventory(text, 'sentinel.yml', 'production');
    return read.ok ? [] : read.problems.map(({ where, message }) => `${where ?? ''} ${message}`);
  };

  test.each([
    [
      'a host nobody lists',
      '  traefik: { host: h2, directory: /etc/t }\n',
      '5:20 systems.traefik.host: there is no host “h2”',
    ],
    [
      'a name where an address is needed',
      '  traefik: { host: named, directory: /etc/t }\n  dns: { provider: pihole, url: "http://p" }\n',
      '5:20 systems.traefik.host: media.lan is no IP address, and records point there',
    ],
    [
      'half a key',
      '  dns: { provider: opnsense, url: "https://o", key: K, target: 10.0.0.1 }\n',
      '5:3 systems.dns: OPNsense needs secret, the name of the secret with its API secret',
    ],
    [
      'a port that is none',
      '  dns: { provider: pihole, url: "http://p", target: 10.0.0.1, server: "10.0.0.53:70000" }\n',
      '5:71 systems.dns.server: 70000 is not a port',
    ],
    [
      'the page for people instead of the API of Traefik',
      '  traefik: { host: h1, directory: /etc/t, api: "http://t:8080/dashboard/" }\n',
      '5:48 systems.traefik.api: /dashboard/ does not belong to the base address',
    ],
    [
      'the page for people instead of Pi-hole',
      '  dns: { provider: pihole, url: "http://p/admin", target: 10.0.0.1 }\n',
      '5:33 systems.dns.url: /admin does not belong to the base address',
    ],
    [
      'the page for people instead of OPNsense',
      '  dns: { provider: opnsense, url: "https://o/ui/", key: K, secret: S, target: 10.0.0.1 }\n',
      '5:35 systems.dns.url: /ui/ does not belong to the base address',
    ],
    [
      'the API instead of Authentik',
      '  authentik: { url: "https://a/sso/api/v3", token: T }\n',
      '5:21 systems.authentik.url: /sso/api/v3 does not belong to the base address',
    ],
    [
      'the topic in the address of ntfy',
      '  ntfy: { url: "https://ntfy.sh/homelab", topic: homelab }\n',
      '5:16 systems.ntfy.url: /homelab does not belong to the base address',
    ],
  ])('are refused with the place of the mistake: %s', (_, systems, message) => {
    expect(problemsOf(systems)).toEqual([`sentinel.yml:${message}`]);
  });

  test.each([
    ['traefik', 'api', 'host: h1, directory: /t, '],
    ['dns', 'url', 'provider: pihole, target: 10.0.0.1, '],
    ['authentik', 'url', 'token: T, '],
    ['authentik', 'outpost_url', 'token: T, url: "http://a", '],
    ['glance', 'url', 'host: h1, config: /g, '],
    ['ntfy', 'url', 'topic: t, '],
    ['gitlab', 'url', 'project: p, '],
  ])('are refused where %s.%s is no address, with its place', (system, key, more) => {
    const line = `  ${system}: { ${more}${key}: "http://[x" }\n`;
    expect(problemsOf(line)).toEqual([
      `sentinel.yml:5:${line.indexOf('"http://[x"') + 1} systems.${system}.${key}: http://[x is no address`,
    ]);
  });

  test('may stand below a path of their own, and hints name the address that is meant', () => {
    const read = (url: string) =>
      readInventory(
        `hosts: {}\nsystems:\n  authentik: { url: "${url}", token: T }\n`,
        'sentinel.yml',
        'production',
      );
    expect(read('https://a.lan/sso/')).toMatchObject({ ok: true });
    expect(read('https://a.lan/sso/if/admin/')).toMatchObject({
      problems: [{ hint: 'write https://a.lan/sso' }],
    });
  });

  test('tell where the DNS server answers, with its port', () => {
    const server = (text: string) => {
      const read = readInventory(
        `hosts: {}\nsystems:\n  dns: { provider: pihole, url: "http://10.0.0.53:8053", target: 10.0.0.1${text} }\n`,
        'sentinel.yml',
        'production',
      );
      return read.ok ? read.value.inventory.systems.dns?.server : null;
    };
    expect(server('')).toEqual({ address: '10.0.0.53', port: 53 });
    expect(server(', server: "127.0.0.1:5353"')).toEqual({ address: '127.0.0.1', port: 5353 });
    expect(server(', server: "[fd00::1]:53"')).toEqual({ address: 'fd00::1', port: 53 });
  });
});
