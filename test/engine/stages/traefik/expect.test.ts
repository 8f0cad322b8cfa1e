import { describe, expect, test } from 'vitest';
import { differences, expectationOf } from '../../../../engine/stages/traefik/expect.ts';
import type { LoadedRouter, ProxyView } from '../../../../engine/system-ports/index.ts';

const text = (lines: readonly string[]) => ['http:', ...lines, ''].join('\n');
const written = text([
  '  routers:',
  '    a: { rule: "Host(`a.lan`)", entryPoints: [web, websecure], middlewares: [h], service: a, tls: { certResolver: le } }',
  '  services:',
  '    a: { loadBalancer: { servers: [{ url: "http://b:1" }], healthCheck: { path: /, interval: 90s, timeout: 500ms } } }',
  '  middlewares:',
  '    h: { headers: { frameDeny: true, customResponseHeaders: { X-A: "" } } }',
]);
const router: LoadedRouter = {
  name: 'a@file',
  rule: 'Host(`a.lan`)',
  service: 'a',
  entryPoints: ['web', 'websecure'],
  middlewares: ['h@file'],
  tls: { certResolver: 'le' },
  status: 'enabled',
  errors: [],
};
const healthCheck = { path: '/', interval: '1m30s', timeout: 500_000_000, mode: 'http' };
const view: ProxyView = {
  routers: [router],
  services: [
    {
      name: 'a@file',
      servers: ['http://b:1'],
      settings: { loadBalancer: { servers: [{ url: 'http://b:1' }], passHostHeader: true, healthCheck } },
      status: 'enabled',
      errors: [],
    },
  ],
  middlewares: [
    {
      name: 'h@file',
      settings: { headers: { frameDeny: true, customResponseHeaders: { 'X-A': '' } } },
      status: 'enabled',
      errors: [],
    },
  ],
};
const missing = (changed: Partial<ProxyView>, before: string | null = null, after: string | null = written) =>
  differences(expectationOf('/d/a.yml', before, after)!, { ...view, ...changed });
const all = { loaded: [], working: [] };

describe('what is loaded', () => {
  test('is as written also where the API says it in other words', () => {
    expect(missing({})).toEqual(all);
  });

  test('may have more in front than what is written: entry points add theirs', () => {
    expect(
      missing({ routers: [{ ...router, middlewares: ['secure@file', 'h'], service: 'a@file' }] }),
    ).toEqual(all);
  });

  test('may be split by entry point', () => {
    const part = (point: string) => ({ ...router, name: `${point}-a@file`, entryPoints: [point] });
    expect(missing({ routers: [part('web'), part('websecure')] })).toEqual(all);
    expect(missing({ routers: [{ ...router, entryPoints: ['web'] }, part('websecure')] })).toEqual(all);
    expect(missing({ routers: [part('web')] }).loaded).toEqual(['the router “a” is not as written']);
    const stranger = { ...part('web'), rule: 'Host(`web-a.lan`)' };
    expect(missing({ routers: [router, stranger] })).toEqual(all);
  });

  test.each([
    ['rule', { rule: 'Host(`b.lan`)' }],
    ['middlewares', { middlewares: [] }],
    ['service', { service: 'b' }],
    ['resolver', { tls: { certResolver: 'other' } }],
    ['TLS', { tls: null }],
  ])('is not as written with another %s', (_what, change) => {
    expect(missing({ routers: [{ ...router, ...change }] }).loaded).toEqual([
      'the router “a” is not as written',
    ]);
  });

  test('is missed by name, and told apart from what does not work', () => {
    expect(missing({ routers: [], middlewares: [] }).loaded).toEqual([
      'the router “a” is not there',
      'the middleware “h” is not there',
    ]);
    const broken = { ...router, status: 'disabled' as const, errors: ['no service'] };
    expect(missing({ routers: [broken] })).toEqual({
      loaded: [],
      working: ['the router “a” is disabled: no service'],
    });
  });

  test('has to be gone once it is removed', () => {
    expect(missing({}, written, null).loaded).toEqual(['the router “a” is still there']);
    expect(missing({ routers: [] }, written, null)).toEqual(all);
    const other = { ...router, rule: 'Host(`somebody.lan`)' };
    expect(missing({ routers: [other] }, written, null)).toEqual(all);
  });

  test('cannot be told where the file cannot be read', () => {
    expect(expectationOf('/d/a.yml', null, 'http: [')).toBeNull();
    expect(expectationOf('/d/a.yml', 'http: [', written)).not.toBeNull();
  });
});
