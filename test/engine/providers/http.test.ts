import { once } from 'node:events';
import { createServer as createPlain, type RequestListener, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { createServer as createRaw, type Server as RawServer } from 'node:net';
import selfsigned from 'selfsigned';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient, type HttpOptions } from '../../../engine/providers/http.ts';

const calm = new AbortController().signal;
const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

async function listen(server: Server | RawServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ended.push(async () => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}
function client(options: Partial<HttpOptions> & { readonly base: string }): HttpClient {
  const made = createHttpClient({ name: 'the system', ca: null, ...options });
  ended.unshift(() => made.close());
  return made;
}
async function serving(listener: RequestListener, options: Partial<HttpOptions> = {}) {
  return client({ base: `http://127.0.0.1:${await listen(createPlain(listener))}`, ...options });
}
const get = { method: 'GET', path: '/thing' } as const;
const unreachable = (message: RegExp) => ({
  problem: { code: 'system-unreachable', message: expect.stringMatching(message) as string },
});

describe('asking a system around the services', () => {
  it('sends JSON and gives status, headers and body', async () => {
    const http = await serving((request, response) => {
      request.on('data', (chunk: Buffer) => {
        const type = request.headers['content-type'] ?? '';
        response.writeHead(418, { 'x-kind': type }).end(`{"got":${chunk.toString()}}`);
      });
    });
    const answer = await http.send({ method: 'POST', path: '/', json: { a: 1 } }, calm);
    expect(answer).toMatchObject({ status: 418, headers: { 'x-kind': 'application/json' } });
    expect(answer.json()).toEqual({ got: { a: 1 } });
  });

  it('gives undefined for a body that is no JSON', async () => {
    const http = await serving((_, response) => response.end('<html>'));
    expect((await http.send(get, calm)).json()).toBeUndefined();
  });

  it('gives up on an endless answer', async () => {
    const http = await serving((_, response) => {
      const piece = Buffer.alloc(1024 * 1024);
      const more = () => void response.write(piece, (error) => (error ? undefined : more()));
      more();
    });
    await expect(http.send(get, calm)).rejects.toMatchObject(unreachable(/its answer is too long/));
  });

  it('does not follow redirects', async () => {
    const paths: string[] = [];
    const http = await serving((request, response) => {
      paths.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await http.send(get, calm)).toMatchObject({ status: 302, headers: { location: '/elsewhere' } });
    expect(paths).toEqual(['/thing']);
  });

  it('says that nothing listens', async () => {
    const port = await listen(createPlain());
    await ended.pop()?.();
    const http = client({ base: `http://127.0.0.1:${port}` });
    await expect(http.send(get, calm)).rejects.toMatchObject(unreachable(/nothing listens there/));
  });

  it('says that no answer came in time, also when only its end is missing', async () => {
    const silent = await serving(() => undefined, { timeoutMs: 50 });
    await expect(silent.send(get, calm)).rejects.toMatchObject(unreachable(/no answer within 0.05 s/));
    const endless = await serving((_, response) => response.writeHead(200).write('{'), { timeoutMs: 50 });
    await expect(endless.send(get, calm)).rejects.toMatchObject(unreachable(/no answer within 0.05 s/));
  });

  it('says that the connection was closed, before an answer and in the middle of one', async () => {
    const rude = await serving((request) => request.socket.destroy());
    await expect(rude.send(get, calm)).rejects.toMatchObject(unreachable(/it closed the connection/));
    const half = await serving((request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{', () => request.socket.destroy());
    });
    await expect(half.send(get, calm)).rejects.toMatchObject(unreachable(/it closed the connection/));
  });

  it('says that what answers does not speak HTTP, or no TLS', async () => {
    const port = await listen(createRaw((socket) => socket.resume().end('SSH-2.0-OpenSSH_9.2\r\n')));
    const http = client({ base: `http://127.0.0.1:${port}` });
    await expect(http.send(get, calm)).rejects.toMatchObject(unreachable(/does not speak HTTP/));
    const plain = await listen(createPlain((_, response) => response.end()));
    const secure = client({ base: `https://127.0.0.1:${plain}` });
    await expect(secure.send(get, calm)).rejects.toMatchObject(unreachable(/does not speak TLS/));
  });

  it('ends with the abort itself, not with a problem of the system', async () => {
    const abort = new AbortController();
    const http = await serving(() => abort.abort());
    await expect(http.send(get, abort.signal)).rejects.toMatchObject({ name: 'AbortError' });
    await expect(http.send(get, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('never shows headers or paths in what it says', async () => {
    const http = await serving((request) => request.socket.destroy());
    const asked = http.send(
      { method: 'GET', path: '/?sid=canary', headers: { authorization: 'canary' } },
      calm,
    );
    const error: unknown = await asked.catch((thrown: unknown) => thrown);
    expect(JSON.stringify(error)).not.toContain('canary');
  });

  it('accepts a certificate nobody known signed only with its authority', async () => {
    const { cert, private: key } = await selfsigned.generate([{ name: 'commonName', value: 'localhost' }]);
    const port = await listen(createSecure({ cert, key }, (_, response) => response.end('{}')));
    const base = `https://localhost:${port}`;
    const stranger = client({ base });
    await expect(stranger.send(get, calm)).rejects.toMatchObject({
      problem: {
        message: expect.stringContaining('its certificate is self-signed') as string,
        hint: expect.stringContaining('`ca`') as string,
      },
    });
    expect((await client({ base, ca: cert }).send(get, calm)).status).toBe(200);
  });
});
