import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../../../engine/digest.ts';
import type { StepOf } from '../../../../engine/index.ts';
import { type Bench, absent, authentik, createBench, present, routed, signOn } from './support.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.clear());

const routerNames = () => bench.proxy.runtime.routers.map(({ name }) => name).toSorted();
const byHand = (name: string, host: string) =>
  [
    'http:',
    '  routers:',
    `    ${name}: { rule: "Host(\`${host}\`)", service: ${name}, tls: {} }`,
    '  services:',
    `    ${name}: { loadBalancer: { servers: [{ url: "http://127.0.0.1:9" }] } }`,
    '',
  ].join('\n');
const visit = async (host: string, path: string) => {
  const dispatcher = new Agent({ connect: { ca: bench.proxy.ca, servername: host } });
  const url = `https://127.0.0.1:${bench.proxy.httpsPort}${path}`;
  const { statusCode, body } = await request(url, { dispatcher, headers: { host } });
  const text = await body.text();
  await dispatcher.close();
  return { status: statusCode, body: text };
};
/** As the next plan gets it from the record of the last deployment. */
const owned = (steps: readonly StepOf<'traefik'>[]) => steps;

describe('a route', () => {
  test('is written, proven through the API, and then there is nothing to do', async () => {
    const scope = bench.scope([present(routed('grafana'))]);
    const { steps, diff } = await bench.survey(scope);
    expect(steps).toMatchObject([
      { service: 'grafana', system: bench.system.host, before: null, cause: 'there is no route' },
    ]);
    expect(diff).toContain('+    grafana:');
    const { results } = await bench.ensure(steps, scope);
    expect([...results.values()]).toEqual([
      { ok: true, did: [`wrote ${bench.directory}/grafana.yml`, 'Traefik has loaded it'] },
    ]);
    expect(routerNames()).toEqual(['grafana']);
    const again = await bench.survey(scope);
    expect(again.steps).toEqual([]);
    expect(again.proofs['grafana']).toEqual([
      'the route grafana.home.lan → http://192.168.40.13:3030 is written',
    ]);
  });

  test('is changed, and put back byte for byte', async () => {
    const first = await bench.deploy(bench.scope([present(routed('grafana'))]));
    const before = await bench.read('grafana.yml');
    const scope = bench.scope([
      present(routed('grafana', { backend: 'http://192.168.40.13:4040' }), owned(first)),
    ]);
    const { steps, diff } = await bench.survey(scope);
    expect(steps[0]?.changes).toEqual([
      { what: 'backend', before: 'http://192.168.40.13:3030', after: 'http://192.168.40.13:4040' },
    ]);
    expect(diff).toContain('-          - url: http://192.168.40.13:3030');
    await bench.ensure(steps, scope);
    expect((await bench.survey(scope)).steps).toEqual([]);
    const undone = await bench.undo(steps, scope);
    expect(undone.result('grafana').ok).toBe(true);
    expect(await bench.read('grafana.yml')).toBe(before);
  });

  test('is removed with its service, and comes back when that is undone', async () => {
    const service = routed('grafana');
    const first = await bench.deploy(bench.scope([present(service)]));
    const before = await bench.read('grafana.yml');
    const scope = bench.scope([absent(service, owned(first))]);
    const steps = await bench.deploy(scope);
    expect(steps).toMatchObject([{ after: null, cause: 'the service is removed', target: first[0]!.target }]);
    expect(await bench.read('grafana.yml')).toBeUndefined();
    expect(routerNames()).toEqual([]);
    expect((await bench.survey(scope)).steps).toEqual([]);
    await bench.undo(steps, scope);
    expect(await bench.read('grafana.yml')).toBe(before);
  });

  test('a service no longer asks for is removed', async () => {
    const first = await bench.deploy(bench.scope([present(routed('grafana'))]));
    const without = { ...routed('grafana'), route: null };
    await bench.deploy(bench.scope([present(without, owned(first))]));
    expect(await bench.read('grafana.yml')).toBeUndefined();
  });

  test('somebody changed is written anew, and undoing that brings the change back to the last byte', async () => {
    const first = await bench.deploy(bench.scope([present(routed('grafana'))]));
    const edited = `${(await bench.read('grafana.yml'))!.replace('3030', '9999')}# mine: ü\n`;
    await bench.write('grafana.yml', edited);
    const scope = bench.scope([present(routed('grafana'), owned(first))]);
    const { steps, diff } = await bench.survey(scope);
    expect(steps[0]).toMatchObject({
      cause: 'somebody changed the route file',
      changes: [{ what: 'backend', before: 'http://192.168.40.13:9999', after: 'http://192.168.40.13:3030' }],
    });
    expect(diff).not.toContain('# mine');
    const { result } = await bench.ensure(steps, scope);
    expect(result('grafana').ok).toBe(true);
    expect((await bench.undo(steps, scope)).result('grafana').ok).toBe(true);
    expect(await bench.read('grafana.yml')).toBe(edited);
  });

  test('whose file somebody broke is repaired, and the broken file comes back when that is undone', async () => {
    const first = await bench.deploy(bench.scope([present(routed('grafana'))]));
    const broken = '# Written by Sentinel for grafana from x;\nhttp: [\n';
    await bench.write('grafana.yml', broken);
    const scope = bench.scope([present(routed('grafana'), owned(first))]);
    const { steps, risks } = await bench.survey(scope);
    expect(risks).toEqual([]);
    expect((await bench.ensure(steps, scope)).result('grafana').ok).toBe(true);
    const { result } = await bench.undo(steps, scope);
    expect(result('grafana')).toMatchObject({
      ok: true,
      did: [expect.any(String), expect.stringContaining('not proven')],
    });
    expect(await bench.read('grafana.yml')).toBe(broken);
  });

  test('somebody changed is not removed with its service', async () => {
    const service = routed('grafana');
    const first = await bench.deploy(bench.scope([present(service)]));
    await bench.write('grafana.yml', `${(await bench.read('grafana.yml'))!}# mine\n`);
    const { steps, risks } = await bench.survey(bench.scope([absent(service, owned(first))]));
    expect(steps).toEqual([]);
    expect(risks).toMatchObject([{ code: 'system-left', service: 'grafana' }]);
  });

  test('carries a mark, so that it is ours also where no record tells', async () => {
    await bench.deploy(bench.scope([present(routed('grafana'))]));
    const { steps } = await bench.survey(bench.scope([absent(routed('grafana'))]));
    expect(steps).toMatchObject([{ after: null }]);
  });
});

describe('a visitor', () => {
  test('gets to the service over HTTPS, and past the sign-on only to it', async () => {
    const server = createServer((incoming, response) => {
      if (incoming.url?.startsWith('/outpost.goauthentik.io/auth') !== true) response.end('the page');
      else response.writeHead(302, { location: 'https://auth.home.lan/start' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const backend = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const outpost = { authentik: { ...authentik, outpostUrl: backend } };
    const guarded = routed('guarded', { backend }, { signOn: signOn('forward_auth') });
    await bench.deploy(bench.scope([present(routed('open', { backend })), present(guarded)], outpost));
    expect(await visit('open.home.lan', '/')).toEqual({ status: 200, body: 'the page' });
    expect(await visit('guarded.home.lan', '/')).toMatchObject({ status: 302 });
    expect(await visit('guarded.home.lan', '/outpost.goauthentik.io/start')).toMatchObject({ status: 200 });
    server.close();
  });
});

describe('two services', () => {
  test('are written in one go and proven together', async () => {
    const scope = bench.scope([present(routed('grafana')), present(routed('jellyfin'))]);
    const before = (await bench.world.hosts[0]!.traffic()).commands?.length ?? 0;
    await bench.deploy(scope);
    expect(((await bench.world.hosts[0]!.traffic()).commands?.length ?? 0) - before).toBe(3);
    expect(routerNames()).toEqual(['grafana', 'jellyfin']);
  });

  test('deployed at the same time do not lose each other', async () => {
    const scopes = ['grafana', 'jellyfin'].map((name) => bench.scope([present(routed(name))]));
    await Promise.all(scopes.map((scope) => bench.deploy(scope)));
    expect(routerNames()).toEqual(['grafana', 'jellyfin']);
  });

  test('may exchange their names in one deployment', async () => {
    const first = await bench.deploy(bench.scope([present(routed('one')), present(routed('two'))]));
    const scope = bench.scope([
      present(
        routed('one', { hostname: 'two.home.lan' }),
        owned(first.filter((step) => step.service === 'one')),
      ),
      present(
        routed('two', { hostname: 'one.home.lan' }),
        owned(first.filter((step) => step.service === 'two')),
      ),
    ]);
    const steps = await bench.deploy(scope);
    expect(steps.flatMap(({ changes }) => changes)).toEqual([
      { what: 'host name', before: 'one.home.lan', after: 'two.home.lan' },
      { what: 'host name', before: 'two.home.lan', after: 'one.home.lan' },
    ]);
  });

  test('one that Traefik refuses does not take the other one along', async () => {
    const scope = bench.scope([
      present(routed('grafana', { middlewares: ['nowhere@docker'] })),
      present(routed('jellyfin')),
    ]);
    const { steps } = await bench.survey(scope);
    const { result } = await bench.ensure(steps, scope);
    expect(result('jellyfin').ok).toBe(true);
    expect(result('grafana')).toMatchObject({
      ok: false,
      touched: false,
      problem: {
        code: 'route-refused',
        message: expect.stringContaining('middleware "nowhere@docker" does not exist') as string,
      },
    });
    expect(await bench.read('grafana.yml')).toBeUndefined();
    expect(await bench.read('jellyfin.yml')).toBeDefined();
  });
});

describe('a directory Traefik refuses', () => {
  test('leaves the route as it was, and the bad file is named', async () => {
    const first = await bench.deploy(bench.scope([present(routed('grafana'))]));
    const before = await bench.read('grafana.yml');
    await bench.write('broken.yml', 'http: {routers: [');
    const scope = bench.scope([
      present(routed('grafana', { backend: 'http://192.168.40.13:1' }), owned(first)),
    ]);
    const { steps, risks } = await bench.survey(scope);
    expect(risks).toMatchObject([
      { code: 'conflict', message: expect.stringContaining('broken.yml') as string, alwaysApprove: false },
    ]);
    const { result } = await bench.ensure(steps, scope);
    expect(result('grafana')).toMatchObject({
      ok: false,
      touched: false,
      problem: { code: 'route-refused', hint: expect.stringContaining('broken.yml') as string },
    });
    expect(await bench.read('grafana.yml')).toBe(before);
  });

  test('takes no removal either, so the file stays', async () => {
    const first = await bench.deploy(bench.scope([present(routed('grafana'))]));
    await bench.write('broken.yml', 'http: {}\n');
    const scope = bench.scope([absent(routed('grafana'), owned(first))]);
    const { steps } = await bench.survey(scope);
    expect((await bench.ensure(steps, scope)).result('grafana')).toMatchObject({ ok: false, touched: false });
    expect(await bench.read('grafana.yml')).toBeDefined();
  });

  test('still gets back what was there when a deployment is undone', async () => {
    const first = await bench.deploy(bench.scope([present(routed('grafana'))]));
    const before = await bench.read('grafana.yml');
    const scope = bench.scope([
      present(routed('grafana', { backend: 'http://192.168.40.13:1' }), owned(first)),
    ]);
    const steps = await bench.deploy(scope);
    await bench.write('broken.yml', 'unknown\n\t: [');
    expect((await bench.undo(steps, scope)).result('grafana')).toMatchObject({ ok: false, touched: true });
    expect(await bench.read('grafana.yml')).toBe(before);
  });
});

describe('a step that was half done', () => {
  test('is finished when it is done again', async () => {
    const scope = bench.scope([present(routed('grafana'))]);
    const { steps } = await bench.survey(scope);
    await bench.ensure(steps, scope);
    const { result } = await bench.ensure(steps, scope);
    expect(result('grafana')).toEqual({
      ok: true,
      did: [`${bench.directory}/grafana.yml was written already`, 'Traefik has loaded it'],
    });
  });

  test('is left alone when somebody else changed the file since', async () => {
    const scope = bench.scope([present(routed('grafana'))]);
    const { steps } = await bench.survey(scope);
    await bench.write('grafana.yml', byHand('mine', 'mine.home.lan'));
    const { result } = await bench.ensure(steps, scope);
    expect(result('grafana')).toMatchObject({ ok: false, touched: false, problem: { code: 'conflict' } });
    expect(await bench.read('grafana.yml')).toBe(byHand('mine', 'mine.home.lan'));
  });

  test('leaves everything as it was on a full disk', async () => {
    const scope = bench.scope([present(routed('grafana')), present(routed('jellyfin'))]);
    const { steps } = await bench.survey(scope);
    const [host] = bench.world.hosts;
    await host!.fillDisk();
    const { results } = await bench.ensure(steps, scope).finally(() => host!.freeDisk());
    for (const result of results.values())
      expect(result).toMatchObject({ ok: false, touched: false, problem: { code: 'disk-full' } });
    expect(await bench.read('grafana.yml')).toBeUndefined();
  });
});

describe('what somebody else made', () => {
  test('is not taken over where our file has to be', async () => {
    await bench.write('grafana.yml', byHand('grafana', 'grafana.home.lan'));
    const { steps, risks } = await bench.survey(bench.scope([present(routed('grafana'))]));
    expect(steps).toEqual([]);
    expect(risks).toMatchObject([
      { code: 'conflict', message: expect.stringContaining('grafana.yml') as string },
    ]);
  });

  test.each([
    ['in another file', 'others.yaml', byHand('old', 'GRAFANA.home.lan')],
    ['in TOML', 'others.TOML', '[http.routers.a]\nrule = "Host(`x.lan`) || Host(`grafana.home.lan`)"\n'],
    [
      'in a template',
      'others.yml',
      'http:\n{{ range $i := until 2 }}\n  # Host(`grafana.home.lan`)\n{{ end }}\n',
    ],
    ['as TCP', 'tcp.yml', 'tcp:\n  routers:\n    a: { rule: "HostSNI(`grafana.home.lan`)", service: a }\n'],
    ['by the name of the router', 'others.yml', byHand('grafana', 'else.home.lan')],
  ])('and routes the same %s is in the way', async (_where, name, text) => {
    await bench.write(name, text);
    const { steps, risks } = await bench.survey(
      bench.scope([present(routed('grafana')), present(routed('other'))]),
    );
    expect(steps.map(({ service }) => service)).toEqual(['other']);
    expect(risks).toContainEqual(
      expect.objectContaining({
        code: 'conflict',
        service: 'grafana',
        message: expect.stringContaining(name) as string,
      }),
    );
  });
});

describe('a sign-on', () => {
  test('is asked for from the first moment', async () => {
    await bench.deploy(bench.scope([present(routed('grafana', {}, { signOn: signOn('forward_auth') }))]));
    const router = bench.proxy.runtime.routers.find(({ name }) => name === 'grafana');
    expect(router?.middlewares).toEqual(['grafana-auth']);
    expect(routerNames()).toEqual(['grafana', 'grafana-outpost']);
  });

  test('that nobody can give keeps the route unpublished', async () => {
    const wanted = routed('grafana', {}, { signOn: signOn('forward_auth') });
    const { steps, risks } = await bench.survey(bench.scope([present(wanted)], { authentik: null }));
    expect(steps).toEqual([]);
    expect(risks).toMatchObject([{ code: 'system-missing', service: 'grafana', alwaysApprove: false }]);
  });

  test('taken away always needs somebody to agree', async () => {
    const guarded = routed('grafana', {}, { signOn: signOn('forward_auth') });
    const first = await bench.deploy(bench.scope([present(guarded)]));
    const { steps, risks } = await bench.survey(bench.scope([present(routed('grafana'), owned(first))]));
    expect(steps).toHaveLength(1);
    expect(risks).toMatchObject([{ code: 'sign-on-removed', service: 'grafana', alwaysApprove: true }]);
    const still = present(routed('grafana', { middlewares: ['my-login@docker'] }), owned(first));
    expect((await bench.survey(bench.scope([still]))).risks).toMatchObject([
      { code: 'sign-on-removed' }, // of another provider only the name is known, and a name asks nobody
    ]);
  });

  test('written by hand into our file counts as well', async () => {
    const first = await bench.deploy(bench.scope([present(routed('grafana'))]));
    const text = (await bench.read('grafana.yml'))!;
    await bench.write(
      'grafana.yml',
      text.replace('      service: grafana', '      middlewares: [shared]\n      service: grafana'),
    );
    await bench.write(
      'shared.yml',
      'http: { middlewares: { shared: { chain: { middlewares: [ask] } }, ask: { forwardAuth: { address: "http://a" } } } }\n',
    );
    const { risks } = await bench.survey(bench.scope([present(routed('grafana'), owned(first))]));
    expect(risks).toMatchObject([{ code: 'sign-on-removed' }]);
  });
});

describe('Traefik', () => {
  test('is not spoken to where no service wants or has anything there', async () => {
    const before = (await bench.world.hosts[0]!.traffic()).commands?.length;
    const survey = await bench.survey(bench.scope([present({ ...routed('grafana'), route: null })]));
    expect(survey).toEqual({ steps: [], risks: [], proofs: {}, diff: '', problems: [] });
    expect((await bench.world.hosts[0]!.traffic()).commands?.length).toBe(before);
  });

  test('is missed where sentinel.yml names none', async () => {
    const { steps, risks } = await bench.survey(bench.scope([present(routed('grafana'))], { traefik: null }));
    expect(steps).toEqual([]);
    expect(risks).toMatchObject([{ code: 'system-missing', service: 'grafana', alwaysApprove: false }]);
  });

  test('is asked again when it was away for a moment', async () => {
    bench.proxy.faults.next({ path: '/api/http/routers', status: 503, times: 2 });
    await bench.deploy(bench.scope([present(routed('grafana'))]));
    expect(routerNames()).toEqual(['grafana']);
  });

  test('without an API is believed, and that is said', async () => {
    const scope = bench.scope([present(routed('grafana'))]);
    const { steps } = await bench.survey(scope);
    const silent = { ...bench.ports, systems: { ...bench.ports.systems, proxy: () => null } };
    const { result } = await bench.ensure(steps, scope, { ports: silent });
    expect(result('grafana')).toMatchObject({
      ok: true,
      did: [expect.any(String), 'not proven: sentinel.yml names no API of Traefik'],
    });
  });

  test('whose directory moved has the old file taken away once the new one is there', async () => {
    const first = await bench.deploy(bench.scope([present(routed('grafana'))]));
    const moved = { ...bench.system, directory: `${bench.directory}-new` };
    const scope = bench.scope([present(routed('grafana'), owned(first))], { traefik: moved });
    const { steps } = await bench.survey(scope);
    expect(steps.map(({ before, after }) => [before?.path, after?.path])).toEqual([
      [undefined, `${moved.directory}/grafana.yml`],
      [`${bench.directory}/grafana.yml`, undefined],
    ]);
    expect(sha256((await bench.read('grafana.yml'))!)).toBe(steps[1]?.before?.content);
  });
});

test('a file that is no text in UTF-8 is in the way: it is named, and neither replaced nor removed', async () => {
  const scope = bench.scope([present(routed('grafana'))]);
  const before = await bench.deploy(scope);
  const latin = Buffer.from(`# Übersicht\n${byHand('grafana', 'grafana.home.lan')}`, 'latin1');
  await bench.write('grafana.yml', latin);
  const wanted = await bench.survey(scope);
  expect(wanted.steps).toEqual([]);
  expect(wanted.risks.map(({ message }) => message).join('\n')).toMatch(
    /grafana\.yml[^]*it is no text in UTF-8/,
  );
  expect(wanted.risks).toContainEqual(expect.objectContaining({ code: 'conflict', service: 'grafana' }));
  const unwanted = await bench.survey(bench.scope([absent(routed('grafana'), owned(before))]));
  expect(unwanted.steps).toEqual([]);
});
