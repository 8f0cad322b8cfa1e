import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTraefikReader, type TraefikReader } from '../../../engine/providers/traefik/index.ts';
import { startTraefik, type Traefik } from '../../../lab/traefik/index.ts';

let proxy: Traefik;
let reader: TraefikReader;
const files = new Map<string, string>();
const { signal } = new AbortController();

const many = (count: number) =>
  ['http:', '  routers:']
    .concat(
      Array.from(
        { length: count },
        (_, i) => `    r${i}: { rule: "Host(\`r${i}.lan\`)", service: one, tls: {} }`,
      ),
    )
    .concat('  services:', '    one: { loadBalancer: { servers: [{ url: "http://127.0.0.1:1" }] } }', '')
    .join('\n');

beforeEach(async () => {
  files.clear();
  proxy = await startTraefik({ directory: '/dynamic', files: () => Promise.resolve(files) });
  reader = createTraefikReader({ api: `${proxy.api}/`, ca: null })!;
});
afterEach(async () => {
  await reader.close();
  await proxy.close();
});

test('what is loaded is read, with its faults', async () => {
  files.set(
    '/dynamic/a.yml',
    [
      'http:',
      '  routers:',
      '    a:',
      '      rule: Host(`a.lan`)',
      '      entryPoints: [websecure]',
      '      middlewares: [missing]',
      '      tls: { certResolver: le }',
      '      service: a',
      '  services:',
      '    a: { loadBalancer: { servers: [{ url: "http://127.0.0.1:1" }] } }',
      '  middlewares:',
      '    h: { headers: { frameDeny: true } }',
      '',
    ].join('\n'),
  );
  await proxy.reload();
  const view = await reader.read(signal);
  expect(view.routers).toEqual([
    {
      name: 'a@file',
      rule: 'Host(`a.lan`)',
      service: 'a',
      entryPoints: ['websecure'],
      middlewares: ['missing@file'],
      tls: { certResolver: 'le' },
      status: 'disabled',
      errors: ['middleware "missing@file" does not exist'],
    },
  ]);
  expect(view.services).toMatchObject([
    { name: 'a@file', servers: ['http://127.0.0.1:1'], status: 'enabled', errors: [] },
  ]);
  expect(view.middlewares).toMatchObject([{ name: 'h@file', settings: { headers: { frameDeny: true } } }]);
});

test('lists of several pages are read to the end', async () => {
  files.set('/dynamic/a.yml', many(2100));
  await proxy.reload();
  const { routers } = await reader.read(signal);
  expect(new Set(routers.map(({ name }) => name)).size).toBe(2100);
});

test('a login in front of the API is told apart from an API that is not there', async () => {
  proxy.faults.next({ path: '/api/http/routers', status: 401 });
  await expect(reader.read(signal)).rejects.toMatchObject({ problem: { code: 'system-refused' } });
  proxy.faults.next({ path: '/api/http/services', status: 404 });
  await expect(reader.read(signal)).rejects.toMatchObject({ problem: { code: 'system-rejected' } });
  proxy.faults.next({ path: '/api/http/middlewares', status: 503 });
  await expect(reader.read(signal)).rejects.toMatchObject({ problem: { code: 'system-unreachable' } });
  proxy.faults.next({ path: '/api/http/routers', body: '<html>dashboard</html>' });
  await expect(reader.read(signal)).rejects.toMatchObject({ problem: { code: 'system-rejected' } });
  proxy.faults.next({ path: '/api/http/routers', reset: true });
  await expect(reader.read(signal)).rejects.toMatchObject({ problem: { code: 'system-unreachable' } });
});

test('without an address there is no reader', () => {
  expect(createTraefikReader({ api: null, ca: null })).toBeNull();
});
