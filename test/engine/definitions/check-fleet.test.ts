import { describe, expect, test } from 'vitest';
import { checkSecrets } from '../../../engine/definitions/index.ts';
import {
  definition,
  inventoryOf,
  loadFleet,
  loadSingle,
  sentinelYml,
  treeOf,
  fleetSource,
} from './support.ts';

const a = 'services/media/a.yml';
const b = 'services/media/b.yml';
const c = 'services/media/c.yml';
const names = (loaded: ReturnType<typeof loadFleet>) => loaded.fleet.services.map(({ name }) => name);

describe('services of one fleet', () => {
  test('may not have the same name', () => {
    const loaded = loadFleet({ [a]: definition('web'), [b]: definition('web'), [c]: definition('c') });
    expect(loaded.problems).toEqual([
      {
        code: 'duplicate-name',
        message: `web is defined twice: at ${a}:2:9 and at ${b}:2:9`,
        where: `${b}:2:9`,
        hint: 'give one of the two another name',
      },
    ]);
    expect(names(loaded)).toEqual(['c']);
  });

  test('may not publish the same port of one host; both places are named', () => {
    const loaded = loadFleet({
      [a]: definition('a', { deployment: '  port: 8080\n' }),
      [b]: definition('b', { deployment: '  port: 9000\n  ports: ["8080:80"]\n' }),
    });
    expect(loaded.problems).toMatchObject([
      {
        code: 'port-clash',
        message: `a (${a}:6:9) and b (${b}:7:11) both publish port 8080 of h1`,
        where: `${b}:7:11`,
      },
    ]);
    expect(names(loaded)).toEqual([]);
  });

  test('may not share a directory of one host, nor live inside each other', () => {
    const at = (name: string, path: string, port: number) =>
      definition(name, { deployment: `  port: ${port}\n  install_path: ${path}\n` });
    const loaded = loadFleet({
      [a]: at('a', '/srv/apps', 8080),
      [b]: at('b', '/srv/apps', 8081),
      [c]: at('c', '/srv/apps/c', 8082),
    });
    expect(loaded.problems.map(({ code }) => code)).toEqual(['path-clash', 'path-clash']);
    expect(loaded.problems[0]?.message).toBe(
      `a (${a}:7:17) and b (${b}:7:17): both are installed in /srv/apps of h1`,
    );
    expect(names(loaded)).toEqual([]);
    const apart = loadFleet({ [a]: at('a', '/srv/app', 8080), [b]: at('b', '/srv/apps', 8081) });
    expect(apart.problems).toEqual([]);
  });

  test.each([
    ['another protocol', '  port: null\n  ports: [8080:80/udp]\n'],
    [
      'another address',
      '  port: null\n  ports: ["127.0.0.2:8080:80"]\n',
      '  port: null\n  ports: ["127.0.0.1:8080:80"]\n',
    ],
    ['another host', '  port: 8080\n', undefined, 'web-host'],
    ['a port Docker picks', '  port: null\n  ports: [8080]\n'],
  ])('may publish the same port on %s', (_, second, first = '  port: 8080\n', host = 'h1') => {
    const loaded = loadFleet({
      [a]: definition('a', { deployment: first }),
      [b]: definition('b', { deployment: second }).replace('h1', host),
    });
    expect(loaded.problems).toEqual([]);
  });

  test.each([
    ['every address first', '  port: 8080\n', '  port: null\n  ports: ["127.0.0.1:8080:80"]\n'],
    ['one address first', '  port: null\n  ports: ["127.0.0.1:8080:80"]\n', '  port: 8080\n'],
    [
      'the same address',
      '  port: null\n  ports: ["127.0.0.1:8080:80"]\n',
      '  port: null\n  ports: ["127.0.0.1:8080:81"]\n',
    ],
    ['inside a range', '  port: 8085\n', '  port: null\n  ports: [8080-8090:80-90]\n'],
    [
      'a range on a range',
      '  port: null\n  ports: [8080-8090:80-90]\n',
      '  port: null\n  ports: [8085-8095:80-90]\n',
    ],
    ['the host network', '  port: 8080\n  network_mode: host\n', '  port: 8080\n'],
  ])('clash on a port also with %s', (_, first, second) => {
    const loaded = loadFleet({
      [a]: definition('a', { deployment: first }),
      [b]: definition('b', { deployment: second }),
    });
    expect(loaded.problems.map(({ code }) => code)).toEqual(['port-clash']);
  });

  test('may not ask for the same host name, in Traefik or in DNS', () => {
    const { problems } = loadFleet({
      [a]: definition('a', { deployment: '  port: 8080\n', rest: 'traefik:\n  subdomain: Media\n' }),
      [b]: definition('b', { rest: 'dns:\n  hostname: media.example.net\n' }),
    });
    expect(problems).toMatchObject([
      {
        code: 'hostname-clash',
        message: `a (${a}:8:14) and b (${b}:8:13) both ask for media.example.net`,
      },
    ]);
  });
  test('may keep a disabled route of the same name', () => {
    const { problems } = loadFleet({
      [a]: definition('a', {
        deployment: '  port: 8080\n',
        rest: 'traefik: { subdomain: media }\ndns: { hostname: media }\n',
      }),
      [b]: definition('b', { rest: 'traefik: { subdomain: media, enabled: false }\n' }),
    });
    expect(problems).toEqual([]);
  });

  test('may not have the same slug in Authentik, given or made of the name', () => {
    const signOn = (slug: string) => `traefik: {}\nauthentik: { enabled: true${slug} }\n`;
    const deployment = (port: number) => `  port: ${port}\n`;
    const { problems } = loadFleet({
      [a]: definition('media_one', { deployment: deployment(8080), rest: signOn('') }).replace(
        'traefik: {}',
        'traefik: { subdomain: one }',
      ),
      [b]: definition('b', { deployment: deployment(8081), rest: signOn(', slug: media-one') }),
      [c]: definition('c', { deployment: deployment(8082), rest: signOn('') }),
    });
    expect(problems).toMatchObject([
      {
        code: 'duplicate-name',
        message: `media_one (${a}:8:1) and b (${b}:8:35) both have the slug media-one in Authentik`,
        hint: 'give one of the two another authentik.slug',
      },
    ]);
  });

  test('may not run on a host nobody listed; the nearest name is offered', () => {
    const { problems } = loadFleet({ [a]: definition('a').replace('h1', 'web-hots') });
    expect(problems).toMatchObject([
      { code: 'host-unknown', where: `${a}:4:16`, hint: "did you mean 'web-host'?" },
    ]);
  });

  test('may not depend on each other in a circle; the circle is shown', () => {
    const loaded = loadFleet({
      [a]: definition('a', { deployment: '  port: null\n  depends_on: [b]\n' }),
      [b]: definition('b', { deployment: '  port: null\n  depends_on: [c]\n' }),
      [c]: definition('c', { deployment: '  port: null\n  depends_on: [a]\n' }),
    });
    expect(loaded.problems).toMatchObject([
      {
        code: 'dependency-cycle',
        message: 'services depend on each other in a circle: a → b → c → a',
        where: `${a}:7:16`,
      },
    ]);
    expect(names(loaded)).toEqual([]);
  });
  test('may depend on one whose own file is broken, without a second complaint', () => {
    const loaded = loadFleet({
      [a]: definition('a', { deployment: '  port: null\n  depends_on: [b]\n' }),
      [b]: 'service: {}\n',
    });
    expect(loaded.problems.every(({ where = '' }) => where.startsWith(b))).toBe(true);
    expect(names(loaded)).toEqual(['a']);
  });
  test('with mistakes do not take the others out of the fleet', () => {
    expect(names(loadFleet({ [a]: definition('a'), [b]: 'nonsense', [c]: definition('c') }))).toEqual([
      'a',
      'c',
    ]);
  });
});

describe('secrets', () => {
  test('that nobody gave a value are reported where they are named', () => {
    const { fleet } = loadFleet({
      [a]: definition('a', {
        deployment: '  port: null\n  secrets:\n    - name: ONE\n      source: A_ONE\n    - name: TWO\n',
      }),
    });
    expect(checkSecrets(fleet.services, (name) => name === 'TWO')).toMatchObject([
      { code: 'secret-missing', message: 'a: the secret A_ONE has no value', where: `${a}:9:15` },
    ]);
    expect(checkSecrets(fleet.services, () => true)).toEqual([]);
  });
});

describe('the inventory', () => {
  test('fills in what hosts do not say', () => {
    expect(inventoryOf('hosts:\n  h1: { address: 10.0.0.1 }\n').hosts['h1']).toEqual({
      name: 'h1',
      address: '10.0.0.1',
      port: 22,
      user: 'root',
      key: 'default',
      hostKeys: [],
      installRoot: '/opt',
      docker: { command: 'docker', socket: '/var/run/docker.sock' },
    });
  });
  test('can differ in an environment', () => {
    const text =
      'domain: a.net\nhosts: { h1: { address: 10.0.0.1 }, h2: { address: 10.0.0.2 } }\nenvironments:\n  staging: { domain: b.net, hosts: { h1: { address: 10.1.0.1 } } }\n';
    expect(inventoryOf(text, 'staging')).toMatchObject({
      domain: 'b.net',
      hosts: { h1: { address: '10.1.0.1' }, h2: { address: '10.0.0.2' } },
    });
    expect(inventoryOf(text)).toMatchObject({ domain: 'a.net', hosts: { h1: { address: '10.0.0.1' } } });
  });
  test('that is missing is said once, and nothing can be deployed', () => {
    const loaded = fleetSource().load(treeOf({ [a]: definition('a') }), 'production');
    expect(loaded.problems).toMatchObject([
      { code: 'configuration-invalid', message: 'sentinel.yml is missing' },
    ]);
    expect(loaded.fleet.services).toEqual([]);
  });
  test('that is wrong says where', () => {
    const { problems } = loadFleet({ [a]: definition('a') }, 'hosts:\n  h1: { adress: x }\n');
    expect(problems).toMatchObject([
      { code: 'configuration-invalid', message: 'hosts.h1: address is required' },
      { code: 'configuration-invalid', where: 'sentinel.yml:2:9', hint: "did you mean 'address'?" },
    ]);
  });
  test('of the operator holds where the repository has none', () => {
    const source = fleetSource({ fallbackInventory: { file: '/etc/sentinel.yml', text: sentinelYml } });
    const { fleet, problems } = source.load(treeOf({ [a]: definition('a') }), 'production');
    expect(problems).toEqual([]);
    expect(fleet.services).toHaveLength(1);
  });
  test('install_root, user and variables of the defaults reach the services', () => {
    const { fleet } = loadFleet(
      { [a]: definition('a') },
      'defaults: { user: ana, install_root: /srv, environment: { TZ: Europe/Berlin } }\nhosts: { h1: { address: x } }\n',
    );
    expect(fleet.inventory.hosts['h1']?.user).toBe('ana');
    expect(fleet.services[0]?.installPath).toBe('/srv/a');
    expect(fleet.services[0]?.files['docker-compose.yml']).toContain('TZ: "Europe/Berlin"');
  });
});

describe('one reading of a tree', () => {
  test('of a thousand unchanged files parses none of them again', () => {
    const many = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`services/media/s${index}.yml`, definition(`s${index}`)]),
    );
    const source = fleetSource();
    const first = source.load(treeOf({ 'sentinel.yml': sentinelYml, ...many }), 'production');
    const next = treeOf({ 'sentinel.yml': sentinelYml, ...many, [a]: definition('a') }, 'next');
    const second = source.load(next, 'production');
    expect(first.fleet.services).toHaveLength(1000);
    expect(second.fleet.services).toHaveLength(1001);
    expect(next.reads).toEqual(['sentinel.yml', a]);
  });
  test('notices a changed companion file', () => {
    const source = fleetSource();
    const files = (text: string) =>
      treeOf({ 'sentinel.yml': sentinelYml, [a]: definition('a'), 'services/media/a/app.conf': text });
    const [one] = source.load(files('1'), 'production').fleet.services;
    const [two] = source.load(files('2'), 'production').fleet.services;
    expect(one?.files['app.conf']).toBe('1');
    expect(two?.files['app.conf']).toBe('2');
    expect(one?.source).not.toBe(two?.source);
  });
  test('names every file of a definition, also of a broken one', () => {
    const tree = treeOf({
      'sentinel.yml': sentinelYml,
      [a]: 'nonsense',
      'services/media/a/conf/app.conf': 'x',
      'services/media/README.md': 'x',
    });
    expect(fleetSource().filesOf({ tree, environment: '', service: 'a' })).toEqual([
      a,
      'services/media/a/conf/app.conf',
    ]);
    expect(fleetSource().filesOf({ tree, environment: '', service: 'zebra' })).toEqual([]);
  });
  test('refuses files that must never be uploaded', () => {
    const { problems } = loadFleet({
      [a]: definition('a'),
      'services/media/a/.env': 'TOKEN=x',
      'services/media/a/docker-compose.yml': 'x',
    });
    expect(problems.map(({ message }) => message)).toEqual([
      'services/media/a/.env must not be in Git',
      'services/media/a/docker-compose.yml would replace a file Sentinel writes itself',
    ]);
  });
});

describe('a single repository', () => {
  const service = 'service:\n  name: web\ndeployment:\n  target_host: h1\n  port: 3030\n';
  const load = (compose: string, more: Readonly<Record<string, string>> = {}, file = service) =>
    loadSingle({ 'service.yml': file, 'config/docker-compose.yml': compose, ...more });

  test('is read with variables filled in as compose does', () => {
    const { fleet, problems } = load(
      'services:\n  web:\n    image: ${REGISTRY-docker.io}/web:${TAG:-1}\n    ports: ["${SERVICE_PORT:-80}:80", "$EXTRA:90/udp"]\n    volumes: ["${DIR:-./data}:/data", "named:/n", { type: bind, source: /var/run/docker.sock, target: /s }]\n    privileged: true\n    command: echo $$HOME\nvolumes: { named: }\n',
      {},
      service + '  environment: { EXTRA: 91 }\n',
    );
    expect(problems).toEqual([]);
    expect(fleet.services[0]?.containers).toEqual([
      {
        name: 'web',
        image: 'docker.io/web:1',
        ports: [
          { host: 3030, container: 80, protocol: 'tcp' },
          { host: 91, container: 90, protocol: 'udp' },
        ],
        volumes: ['named'],
        binds: ['/opt/web/data', '/var/run/docker.sock'],
        privileged: true,
        healthcheck: false,
      },
    ]);
    expect(fleet.services[0]?.env).toEqual({ EXTRA: { value: '91' }, SERVICE_PORT: { value: '3030' } });
  });
  test('keeps its compose file byte for byte and leaves .env.example at home', () => {
    const compose = '# mine\r\nservices:\r\n  web:  { image: "web:1", ports: [3030:80] }\r\n';
    const { fleet } = load(compose, { 'config/.env.example': 'A=1', 'config/app/x.conf': 'x' });
    expect(fleet.services[0]?.files).toEqual({ 'docker-compose.yml': compose, 'app/x.conf': 'x' });
  });
  test.each([
    ['image: web:1', 'deployment.port: 3030 is not published by config/docker-compose.yml'],
    [
      'image: web:1, ports: ["3031:80"]',
      'deployment.port: 3030 is not published by config/docker-compose.yml',
    ],
    ['build: ., ports: ["3030:80"]', 'services.web.build: images cannot be built here'],
    ['ports: ["3030:80"]', 'services.web: image is required'],
    ['image: "web:${TAG}", ports: ["3030:80"]', 'services.web.image: nothing gives ${TAG} a value'],
    ['image: web:1, ports: ["3030:80"], volums: []', 'services.web: volums is not a known key'],
    [
      'image: web:1, ports: ["3030:80"], env_file: app.env',
      'services.web: env_file app.env is not in the repository',
    ],
    ['image: web:1, ports: ["3030:80", "80:x"]', 'services.web.ports[1]: 80:x is not a port mapping'],
    [
      'image: web:1, ports: ["3030:80"], volumes: ["./a.conf:/a"]',
      'web mounts ./a.conf, which is not in the repository',
    ],
  ])('is refused with {%s}', (settings, message) => {
    const { problems, fleet } = load(`services:\n  web: { ${settings} }\n`);
    expect(problems.map((problem) => problem.message)).toEqual([message]);
    expect(problems[0]?.where).toMatch(/^(service\.yml|config\/docker-compose\.yml):\d+:\d+$/);
    expect(fleet.services).toEqual([]);
  });
  test('may not use a secret where a plan would have to show it', () => {
    const { problems } = load(
      'services:\n  web:\n    image: "web:${TAG}"\n    ports: [3030:80]\n',
      {},
      service + '  secrets: [{ name: TAG }]\n',
    );
    expect(problems).toMatchObject([
      {
        message: 'services.web.image: TAG is a secret, which cannot be used here',
        where: 'config/docker-compose.yml:3:12',
      },
    ]);
  });
  test('says which settings have no effect beside a compose file', () => {
    const { problems } = load(
      'services: { web: { image: "a:1", ports: ["3030:80"] } }',
      {},
      service + '  volumes: ["a:/a"]\n',
    );
    expect(problems).toMatchObject([
      {
        message: 'deployment: volumes has no effect beside a compose file of your own',
        where: 'service.yml:6:3',
      },
    ]);
  });
  test('without a compose file says so', () => {
    expect(loadSingle({ 'service.yml': service }).problems).toMatchObject([
      { message: 'config/docker-compose.yml is missing' },
    ]);
  });
});

test('files of a definition that are programs stay programs', () => {
  const { fleet } = loadFleet({
    [a]: definition('a'),
    'services/media/a/hook.sh': '#!/bin/sh\n',
    'services/media/a/plain.txt': 'x\n',
  });
  expect(fleet.services[0]?.executable).toEqual(['hook.sh']);
});
