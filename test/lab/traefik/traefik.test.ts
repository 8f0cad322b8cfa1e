import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSimulatedWorld } from '../../../lab/host/simulated-world.ts';
import { filesOnDisk, filesOnHost, startTraefik, type Traefik } from '../../../lab/traefik/index.ts';
import { eventually } from '../../eventually.ts';

let proxy: Traefik;
let backend: { readonly url: string; readonly seen: Record<string, unknown>[]; readonly server: Server };
let auth: typeof backend;
const files = new Map<string, string>();

const listening = async (answer: Parameters<typeof createServer>[1], seen: Record<string, unknown>[]) => {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
};

beforeAll(async () => {
  const seen: Record<string, unknown>[] = [];
  backend = await listening((incoming, response) => {
    seen.push({ url: incoming.url, ...incoming.headers });
    response.setHeader('x-frame-options', 'SAMEORIGIN');
    response.end('the page');
  }, seen);
  const asked: Record<string, unknown>[] = [];
  auth = await listening((incoming, response) => {
    asked.push({ url: incoming.url, ...incoming.headers });
    if (incoming.headers.cookie !== 'in=1')
      return void response.writeHead(302, { location: 'https://auth.lan/', 'set-cookie': 'try=1' }).end();
    response.setHeader('x-authentik-username', 'ana');
    response.end();
  }, asked);
});
afterAll(() => {
  backend.server.close();
  auth.server.close();
});
beforeEach(async () => {
  files.clear();
  backend.seen.length = 0;
  proxy = await startTraefik({ directory: '/dynamic', files: () => Promise.resolve(new Map(files)) });
});
afterEach(() => proxy.close());

const load = async (path: string, text: string) => {
  files.set(`/dynamic/${path}`, text);
  await proxy.reload();
};
const http = (routers: readonly string[], rest: readonly string[] = []) =>
  [
    'http:',
    '  routers:',
    ...routers.map((line) => `    ${line}`),
    '  services:',
    `    app: { loadBalancer: { servers: [{ url: "${backend.url}" }] } }`,
    ...rest,
    '',
  ].join('\n');
const names = () => proxy.runtime.routers.map(({ name }) => name).toSorted();
const get = async (host: string, path = '/', headers: Record<string, string> = {}) => {
  const answer = await request(`http://127.0.0.1:${proxy.httpPort}${path}`, {
    headers: { host, ...headers },
  });
  return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
};
const getSecurely = async (host: string) => {
  const dispatcher = new Agent({ connect: { ca: proxy.ca, servername: host } });
  try {
    const { statusCode, body } = await request(`https://127.0.0.1:${proxy.httpsPort}/`, {
      dispatcher,
      headers: { host },
    });
    return { status: statusCode, body: await body.text() };
  } finally {
    await dispatcher.close();
  }
};

describe('the directory', () => {
  test('is read when something in it changes, by itself', async () => {
    files.set('/dynamic/a.yml', http(['a: { rule: "Host(`a.lan`)", service: app }']));
    await eventually(() => names().includes('a'), 'the router', 5000);
    files.delete('/dynamic/a.yml');
    await eventually(() => names().length === 0, 'the router to go', 5000);
  });

  test('is not watched below its top, but read there', async () => {
    await load('sub/a.yml', http(['a: { rule: "Host(`a.lan`)", service: app }']));
    expect(names()).toEqual(['a']);
    files.set('/dynamic/sub/b.yml', 'http: { routers: { b: { rule: "Host(`b.lan`)", service: app } } }');
    files.set('/dynamic/touch.tmp', '');
    await eventually(() => names().includes('b'), 'what is below to be read with the rest', 5000);
  });

  test('has files of three endings, hidden ones too, and no others', async () => {
    const router = (name: string) =>
      `http: { routers: { ${name}: { rule: "Host(\`${name}.lan\`)", service: app } } }`;
    for (const path of ['.a.yml', 'b.YAML', 'c.yml.tmp', 'd.yml.bak'])
      files.set(`/dynamic/${path}`, router(path.replace(/\W/g, '')));
    await proxy.reload();
    expect(names()).toEqual(['ayml', 'bYAML']);
  });

  test.each([
    ['YAML that is none', 'http: ['],
    ['a key nobody knows', 'http: { routers: { x: { rule: "Host(`x.lan`)", service: app, typo: 1 } } }'],
    ['an empty map', 'http: { routers: {} }'],
    ['a template with a mistake', '# {{ nothing }}\n'],
  ])('with %s keeps what was loaded last, and says so in the log only', async (_what, text) => {
    await load('a.yml', http(['a: { rule: "Host(`a.lan`)", service: app }']));
    files.set('/dynamic/b.yml', 'http: { routers: { b: { rule: "Host(`b.lan`)", service: app } } }');
    await load('z.yml', text);
    expect(names()).toEqual(['a']);
    expect(proxy.log.join('\n')).toContain('z.yml');
    await proxy.restart();
    expect(names()).toEqual([]);
    files.delete('/dynamic/z.yml');
    await proxy.reload();
    expect(names()).toEqual(['a', 'b']);
  });

  test('may hold an empty file, unknown keys at the root, and templates that say what is written', async () => {
    files.set('/dynamic/0.yml', '');
    await load(
      'a.yml',
      `mine: {}\n# {{ "{{" }}\n${http(['a: { rule: "Host(`a.lan`)", service: app, tls: {} }'])}`,
    );
    expect(names()).toEqual(['a']);
  });

  test('with one name in two files keeps the first', async () => {
    await load('b.yml', http(['a: { rule: "Host(`second.lan`)", service: app }']));
    await load('a.yml', http(['a: { rule: "Host(`first.lan`)", service: app }']));
    expect(proxy.runtime.routers.map(({ written }) => written['rule'])).toEqual(['Host(`first.lan`)']);
    expect(proxy.log.join('\n')).toContain('already configured, skipping: a');
  });
});

test('a host is read on the host itself, as far as it can be read', async () => {
  const world = await createSimulatedWorld();
  const [host] = world.hosts;
  const directory = `${host!.installRoot}/dynamic`;
  await host!.exec(
    `mkdir -p ${directory}/sub && printf 'a\\n' > ${directory}/a.yml && printf b > ${directory}/sub/.b.yml`,
  );
  const expected = new Map([
    [`${directory}/a.yml`, 'a\n'],
    [`${directory}/sub/.b.yml`, 'b'],
  ]);
  const sorted = (found: ReadonlyMap<string, string>) => [...found].toSorted();
  expect(sorted(await filesOnHost(host!, directory))).toEqual([...expected]);
  expect(sorted(await filesOnDisk(directory))).toEqual([...expected]);
  expect((await filesOnDisk(`${directory}/absent`)).size).toBe(0);
  await world.close();
});

describe('a request', () => {
  test('finds the router with the highest priority, or a plain 404', async () => {
    await load(
      'a.yml',
      http(
        [
          'a: { rule: "Host(`a.lan`)", service: app }',
          'gone: { rule: "Host(`a.lan`) && PathPrefix(`/gone`)", service: missing }',
          'b: { rule: "Host(`a.lan`) && PathPrefix(`/b`)", priority: 1000, service: app, middlewares: [mark] }',
        ],
        ['  middlewares:', '    mark: { headers: { customResponseHeaders: { X-Mark: b } } }'],
      ),
    );
    expect(await get('a.lan')).toMatchObject({ status: 200, body: 'the page' });
    expect((await get('a.lan', '/b/x')).headers['x-mark']).toBe('b');
    expect((await get('a.lan', '/gone')).status).toBe(200);
    expect(await get('b.lan')).toMatchObject({ status: 404, body: '404 page not found\n' });
    expect(backend.seen[0]).toMatchObject({
      host: 'a.lan',
      'x-forwarded-host': 'a.lan',
      'x-forwarded-proto': 'http',
    });
  });

  test('over TLS gets a certificate of the authority for names that are routed, and Traefik’s own otherwise', async () => {
    await load('a.yml', http(['a: { rule: "Host(`a.lan`)", service: app, tls: {} }']));
    expect(await getSecurely('a.lan')).toEqual({ status: 200, body: 'the page' });
    expect((await get('a.lan')).status).toBe(404);
    await expect(getSecurely('b.lan')).rejects.toThrow();
    proxy.certificateFaults.set('a.lan', 'expired');
    await expect(getSecurely('a.lan')).rejects.toMatchObject({ code: 'CERT_HAS_EXPIRED' });
    proxy.certificateFaults.set('a.lan', 'other-name');
    await expect(getSecurely('a.lan')).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  test('gets the headers middlewares say, and loses those they take away', async () => {
    await load(
      'a.yml',
      http(
        ['a: { rule: "Host(`a.lan`)", service: app, middlewares: [h] }'],
        [
          '  middlewares:',
          '    h: { headers: { contentTypeNosniff: true, customResponseHeaders: { X-Frame-Options: "", X-A: one } } }',
        ],
      ),
    );
    const { headers } = await get('a.lan');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-a': 'one' });
    expect(headers['x-frame-options']).toBeUndefined();
  });

  test('is asked about at the sign-on first, whose answer is passed on', async () => {
    await load(
      'a.yml',
      http(
        ['a: { rule: "Host(`a.lan`)", service: app, middlewares: [ask] }'],
        [
          '  middlewares:',
          `    ask: { forwardAuth: { address: "${auth.url}/check", authResponseHeaders: [X-authentik-username] } }`,
        ],
      ),
    );
    const refused = await get('a.lan', '/x?y=1');
    expect(refused).toMatchObject({
      status: 302,
      headers: { location: 'https://auth.lan/', 'set-cookie': 'try=1' },
    });
    expect(auth.seen.at(-1)).toMatchObject({
      url: '/check',
      'x-forwarded-host': 'a.lan',
      'x-forwarded-uri': '/x?y=1',
      'x-forwarded-proto': 'http',
      'x-forwarded-method': 'GET',
    });
    expect(backend.seen).toEqual([]);
    const entered = await get('a.lan', '/', { cookie: 'in=1', 'x-authentik-username': 'forged' });
    expect(entered.status).toBe(200);
    expect(backend.seen[0]).toMatchObject({ 'x-authentik-username': 'ana' });
  });
});

describe('the read API', () => {
  const api = async (path: string) => {
    const answer = await fetch(`${proxy.api}${path}`);
    return {
      status: answer.status,
      next: answer.headers.get('x-next-page'),
      body: await answer.json(),
    };
  };

  test('tells what is loaded by name and by page', async () => {
    await load(
      'a.yml',
      http([
        'a: { rule: "Host(`a.lan`)", service: app }',
        'b: { rule: "Host(`b.lan`)", service: nowhere }',
        'c: { rule: "Host(`c.lan`)", service: app }',
      ]),
    );
    expect(await api('/api/http/routers/a@file')).toMatchObject({
      status: 200,
      body: { status: 'enabled', priority: 13 },
    });
    expect(await api('/api/http/routers/b@file')).toMatchObject({
      body: { status: 'disabled', error: ['the service "nowhere@file" does not exist'] },
    });
    expect((await api('/api/http/routers/z@file')).status).toBe(404);
    expect(await api('/api/http/routers?per_page=2')).toMatchObject({ next: '2', body: [{}, {}] });
    expect(await api('/api/http/routers?per_page=2&page=2')).toMatchObject({
      next: '1',
      body: [{ name: 'c@file' }],
    });
    expect((await api('/api/http/routers?per_page=2&page=3')).status).toBe(400);
    expect(await api('/api/overview')).toMatchObject({
      body: { http: { routers: { total: 3, errors: 1 } } },
    });
    expect(await api('/api/http/services/app@file')).toMatchObject({
      body: { serverStatus: { [backend.url]: 'UP' } },
    });
  });

  test('complains at the end about requests nobody answers and faults nobody met', async () => {
    const other = await startTraefik({ directory: '/dynamic', files: () => Promise.resolve(new Map()) });
    await fetch(`${other.api}/api/http/typo`);
    other.faults.next({ path: '/api/http/routers', status: 500 });
    await expect(other.close()).rejects.toThrow(/unknown: .*typo.*unused/);
  });
});
