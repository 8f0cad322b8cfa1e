import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Visit } from '../../../engine/ports.ts';
import { createProbe } from '../../../engine/providers/probe.ts';
import {
  type Authority,
  createAuthority,
  httpsServer,
  selfSigned,
  type Signed,
} from '../support/authority.ts';

const probe = createProbe();
const calm = new AbortController().signal;
const name = 'grafana.home.example.net';
const servers: Server[] = [];
let authority: Authority;
let good: Signed;

beforeAll(async () => {
  authority = await createAuthority();
  good = await authority.sign({ name });
});
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const visitTo = (port: number, more: Partial<Visit> = {}): Visit => ({
  url: `https://${name}/`,
  address: '127.0.0.1',
  port,
  timeoutMs: 5_000,
  ca: authority.ca,
  ...more,
});
/** What a visitor gets from a server with this certificate. */
async function seen(signed: Signed, more: Partial<Visit> = {}) {
  const port = await listen(httpsServer(signed, (_, response) => response.end('hello')));
  return probe.visit(visitTo(port, more), calm);
}

describe('visiting a page', () => {
  test('asks the given address for the name and the path of the URL', async () => {
    const asked: unknown[] = [];
    const port = await listen(
      httpsServer(good, ({ headers, url, socket }, response) => {
        asked.push(headers.host, url, 'servername' in socket ? socket.servername : null);
        response.end('hello');
      }),
    );
    const found = await probe.visit(visitTo(port, { url: `https://${name}/login?a=b` }), calm);
    expect(asked).toEqual([name, '/login?a=b', name]);
    expect(found).toMatchObject({ status: 200, location: null, body: 'hello', certificate: { fault: null } });
  });

  test('says until when the certificate is valid', async () => {
    const found = await seen(await authority.sign({ name, until: 10 }));
    const days = ((found?.certificate?.validUntil.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(10, 1);
  });

  test('goes on when the certificate does not hold, and says why not', async () => {
    const found = await seen(good, { ca: null });
    expect(found).toMatchObject({ status: 200, body: 'hello' });
    expect(found?.certificate?.fault).toMatch(/^nobody we trust signed it/);
  });

  test.each([
    ['other name', () => authority.sign({ name: 'wiki.lan' }), `it is for wiki.lan, not for ${name}`],
    ['expired', () => authority.sign({ name, from: -20, until: -10 }), /^it expired on \d{4}-\d\d-\d\d$/],
    ['not yet valid', () => authority.sign({ name, from: 10, until: 20 }), /^it is not valid before \d{4}-/],
    ['signed by itself', () => selfSigned({ name }), 'it is signed by itself only'],
    [
      'wrong in every way, as a proxy’s default one',
      () => selfSigned({ name: 'a.traefik.default' }),
      `it is for a.traefik.default, not for ${name}, and it is signed by itself only`,
    ],
  ])('a certificate: %s', async (_, sign, fault) => {
    const found = await seen(await sign());
    expect(found?.certificate?.fault).toEqual(
      typeof fault === 'string' ? fault : expect.stringMatching(fault),
    );
  });

  test('a certificate that is itself named as an authority holds', async () => {
    const own = await selfSigned({ name });
    expect((await seen(own, { ca: own.cert }))?.certificate?.fault).toBeNull();
  });

  test('over plain HTTP there is no certificate', async () => {
    const port = await listen(createHttpServer(({ headers }, response) => response.end(headers.host)));
    expect(await probe.visit(visitTo(port, { url: `http://${name}/` }), calm)).toEqual({
      ...{ status: 200, location: null, body: name, certificate: null },
    });
  });

  test('does not follow a redirect, and tells where it leads', async () => {
    const paths: (string | undefined)[] = [];
    const port = await listen(
      httpsServer(good, ({ url }, response) => {
        paths.push(url);
        response.writeHead(302, { location: 'https://auth.example.net/' }).end();
      }),
    );
    expect(await probe.visit(visitTo(port), calm)).toMatchObject({
      ...{ status: 302, location: 'https://auth.example.net/' },
    });
    expect(paths).toEqual(['/']);
  });

  test('reads the beginning of a page, even of one that never ends', async () => {
    const long = await listen(httpsServer(good, (_, response) => response.write('x'.repeat(5000))));
    const short = await listen(httpsServer(good, (_, response) => response.write('first words')));
    expect((await probe.visit(visitTo(long), calm))?.body).toBe('x'.repeat(1000));
    expect((await probe.visit(visitTo(short), calm))?.body).toBe('first words');
  });

  test('is null when nothing listens, when nobody answers in time and when it is no TLS', async () => {
    const silent = await listen(createServer((socket) => socket.resume()));
    const plain = await listen(createHttpServer((_, response) => response.end()));
    const stuck = await listen(httpsServer(good, () => undefined));
    expect(await probe.visit(visitTo(1), calm)).toBeNull();
    expect(await probe.visit(visitTo(silent, { timeoutMs: 50 }), calm)).toBeNull();
    expect(await probe.visit(visitTo(stuck, { timeoutMs: 300 }), calm)).toBeNull();
    expect(await probe.visit(visitTo(plain), calm)).toBeNull();
  });

  test('ends when it is aborted in the middle', async () => {
    const abort = new AbortController();
    const port = await listen(httpsServer(good, () => abort.abort()));
    await expect(probe.visit(visitTo(port, { timeoutMs: 60_000 }), abort.signal)).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
  });
});
