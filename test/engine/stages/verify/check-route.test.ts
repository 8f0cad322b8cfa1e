import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { StepResult } from '../../../../engine/ports.ts';
import { verify } from '../../../../engine/stages/verify/index.ts';
import type { RouteCheck, TraefikSystem } from '../../../../engine/types.ts';
import { verifyStep } from '../../fixtures.ts';
import {
  type Authority,
  createAuthority,
  httpsServer,
  selfSigned,
  type Signed,
} from '../../support/authority.ts';
import { calm, checking } from './checking.ts';

const host = 'grafana.home.example.net';
const url = `https://${host}/`;
const signOn = 'https://auth.home.example.net';
const servers: Server[] = [];
let authority: Authority;
let good: Signed;

beforeAll(async () => {
  authority = await createAuthority();
  good = await authority.sign({ name: host });
});
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

interface Answer {
  readonly status: number;
  readonly location?: string;
  readonly body?: string;
}
const reply =
  ({ status, location, body = 'hello' }: Answer): RequestListener =>
  (_, response) =>
    response.writeHead(status, location === undefined ? {} : { location }).end(body);

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** How the check goes at a proxy on this port. */
async function checkAt(port: number, more: Partial<RouteCheck> = {}, onWait?: () => void) {
  const traefik: TraefikSystem = {
    ...{ host: 'edge', address: '127.0.0.1', httpsPort: port, httpPort: port, directory: '/etc/traefik' },
    ...{ api: null, container: null, ca: authority.ca },
  };
  const world = checking({ traefik }, onWait === undefined ? {} : { onWait });
  const state: RouteCheck = { kind: 'route', url, address: '127.0.0.1', port, signOn: null, ...more };
  await verify.ensure([verifyStep('grafana', { id: 'route', after: state })], world.context, calm);
  const result: StepResult | undefined = world.results.get('route');
  return { result, passed: world.passed() };
}
async function check(answer: Answer, more: Partial<RouteCheck> = {}, signed: Signed = good) {
  return (await checkAt(await listen(httpsServer(signed, reply(answer))), more)).result;
}
const didOf = async (answer: Answer, more: Partial<RouteCheck> = {}) => {
  const result = await check(answer, more);
  return result?.ok === true ? result.did[0] : result?.problem.message;
};
const problemOf = async (...asked: Parameters<typeof check>) => {
  const result = await check(...asked);
  return result?.ok === false ? result.problem : null;
};

describe('a route', () => {
  test('that answers with a certificate that holds is proven', async () => {
    expect(await check({ status: 200 })).toMatchObject({
      ok: true,
      did: [`${url} answers 200`, expect.stringMatching(/^certificate valid until \d{4}-/)],
    });
  });
  test.each([302, 401, 403, 404])('may answer %i, which is the service’s own business', async (status) => {
    expect(await didOf({ status, location: '/login' })).toBe(`${url} answers ${status}`);
  });
  test('may send people to a login of the service’s own', async () => {
    const location = `${signOn}/application/o/authorize/?client_id=grafana`;
    expect(await didOf({ status: 302, location })).toBe(`${url} answers 302`);
  });
  test('over plain HTTP is proven without a certificate', async () => {
    const port = await listen(createHttpServer(reply({ status: 200 })));
    expect((await checkAt(port, { url: `http://${host}/` })).result).toEqual({
      ...{ ok: true, did: [`http://${host}/ answers 200`] },
    });
  });
  test('at which nothing answers is given twenty seconds', async () => {
    const { result, passed } = await checkAt(1);
    expect(result).toMatchObject({
      ...{ ok: false, touched: false, problem: { code: 'route-wrong', where: '127.0.0.1:1' } },
    });
    expect(passed).toBeGreaterThanOrEqual(20_000);
    expect(passed).toBeLessThan(23_000);
  });
  test('that comes up while it is watched is proven', async () => {
    let waits = 0;
    const port = await listen(
      httpsServer(good, (request, response) => reply({ status: waits < 4 ? 502 : 200 })(request, response)),
    );
    const { result } = await checkAt(port, {}, () => void (waits += 1));
    expect(result?.ok).toBe(true);
  });
  test('Traefik does not know is told from one whose backend is away', async () => {
    expect(await problemOf({ status: 404, body: '404 page not found\n' })).toMatchObject({
      ...{ code: 'route-wrong', message: expect.stringContaining('There is no route') as string },
    });
    for (const status of [502, 503, 504])
      expect((await problemOf({ status }))?.message).toContain('what it leads to does not answer');
    expect((await problemOf({ status: 500 }))?.message).toBe(`${url} answers 500.`);
  });
});

describe('a certificate', () => {
  test('that does not hold is said in words', async () => {
    const other = await authority.sign({ name: 'wiki.lan' });
    expect(await problemOf({ status: 200 }, {}, other)).toMatchObject({
      code: 'certificate-invalid',
      message: `The certificate of ${url} does not hold: it is for wiki.lan, not for ${host}.`,
    });
    const own = await selfSigned({ name: 'abc.traefik.default' });
    const { hint } = (await problemOf({ status: 200 }, {}, own)) ?? {};
    expect(hint).toContain('the certificate is still being issued, or its resolver failed');
    expect(hint).toContain('cert_resolver');
  });
  test('is only mentioned where the route itself is wrong', async () => {
    const expired = await authority.sign({ name: host, from: -20, until: -10 });
    const problem = await problemOf({ status: 404, body: '404 page not found' }, {}, expired);
    expect(problem?.code).toBe('route-wrong');
    expect(problem?.message).toMatch(/certificate does not hold either: it expired on/);
  });
  test('that ends within two weeks is warned of', async () => {
    const result = await check({ status: 200 }, {}, await authority.sign({ name: host, until: 9.5 }));
    expect(result?.ok === true && result.did[1]).toMatch(/^⚠️ certificate valid for 9 days only, until /);
  });
});

describe('a protected route', () => {
  const guarded = { signOn };
  test.each<readonly [string, Answer]>([
    ['to the sign-on', { status: 302, location: `${signOn}/application/o/authorize/?client_id=x` }],
    ['through the outpost', { status: 302, location: `${url}outpost.goauthentik.io/start?rd=x` }],
    ['with a page of the outpost', { status: 401, body: '<title>authentik</title>' }],
  ])('that sends people away %s is proven', async (_, answer) => {
    expect(await didOf(answer, guarded)).toBe(`${url} asks to sign on (${answer.status})`);
  });
  test.each<readonly [string, Answer, string]>([
    ['a page', { status: 200 }, 'answers 200'],
    ['its own login', { status: 302, location: '/login?key=1' }, `leads to ${url}login (302)`],
    ['its own refusal', { status: 401, body: 'Unauthorized' }, 'answers 401'],
    [
      'an address that only looks like the sign-on',
      { status: 302, location: 'https://auth.home.example.net.evil.example/' },
      'leads to https://auth.home.example.net.evil.example/ (302)',
    ],
  ])('that answers with %s is said loudly to be open', async (_, answer, instead) => {
    expect(await problemOf(answer, guarded)).toMatchObject({
      code: 'route-wrong',
      message: `${url} is REACHABLE WITHOUT SIGN-ON: it ${instead} instead of sending people to ${signOn}.`,
    });
  });
  test('the outpost does not know lets nobody in', async () => {
    const answer = { status: 404, body: '{"Message":"no app for hostname"}' };
    expect((await problemOf(answer, guarded))?.message).toMatch(/does not know .* so nobody gets in/);
  });
  test('that nobody asked for is wrong too', async () => {
    const location = `${signOn}/application/o/authorize/?redirect_uri=https%3A%2F%2Fa%2Foutpost.goauthentik.io%2Fcallback`;
    expect((await problemOf({ status: 302, location }))?.message).toContain('asks people to sign on, though');
  });
});
