import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createClock } from '../../../engine/providers/clock.ts';
import { createProbe } from '../../../engine/providers/probe.ts';

const probe = createProbe();
const calm = new AbortController().signal;
const servers: Server[] = [];
async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

describe('asking a port', () => {
  it('is true when something listens', async () => {
    const port = await listen(createServer((socket) => socket.resume()));
    expect(await probe.port('127.0.0.1', port, 5_000, calm)).toBe(true);
  });

  it('is false when nothing listens', async () => {
    const port = await listen(createServer());
    await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
    expect(await probe.port('127.0.0.1', port, 5_000, calm)).toBe(false);
  });

  it('is false when nothing answers in time', async () => {
    // TEST-NET-1 goes nowhere; whether a machine drops or refuses the packet, the answer is no.
    expect(await probe.port('192.0.2.1', 81, 50, calm)).toBe(false);
  });

  it('ends when it is aborted', async () => {
    const asked = probe.port('192.0.2.1', 81, 60_000, AbortSignal.abort());
    await expect(asked).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});

describe('asking an HTTP endpoint', () => {
  it('gives the status and does not follow redirects', async () => {
    const paths: string[] = [];
    const port = await listen(
      createHttpServer((request, response) => {
        paths.push(request.url ?? '');
        response.writeHead(request.url === '/moved' ? 302 : 503, { location: '/elsewhere' }).end('body');
      }),
    );
    expect(await probe.http(`http://127.0.0.1:${port}/moved`, 5_000, calm)).toBe(302);
    expect(await probe.http(`http://127.0.0.1:${port}/ill`, 5_000, calm)).toBe(503);
    expect(paths).toEqual(['/moved', '/ill']);
  });

  it('does not wait for the end of an endless body', async () => {
    const port = await listen(
      createHttpServer((_, response) => response.writeHead(200).write('first words')),
    );
    expect(await probe.http(`http://127.0.0.1:${port}/`, 5_000, calm)).toBe(200);
  });

  it('is null when nothing answers, when the answer is not HTTP and when it does not come in time', async () => {
    const silent = await listen(createServer((socket) => socket.resume()));
    const rude = await listen(createServer((socket) => socket.resume().end('SSH-2.0-OpenSSH_9.2\r\n')));
    expect(await probe.http(`http://127.0.0.1:${silent}/`, 50, calm)).toBeNull();
    expect(await probe.http(`http://127.0.0.1:${rude}/`, 5_000, calm)).toBeNull();
    expect(await probe.http('http://127.0.0.1:1/', 5_000, calm)).toBeNull();
  });

  it('ends when it is aborted in the middle', async () => {
    const abort = new AbortController();
    const port = await listen(createServer(() => abort.abort()));
    const asked = probe.http(`http://127.0.0.1:${port}/`, 60_000, abort.signal);
    await expect(asked).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});

describe('waiting', () => {
  it('ends with an AbortError as soon as the signal says so', async () => {
    const abort = new AbortController();
    const waiting = createClock().wait(60_000, abort.signal);
    abort.abort();
    await expect(waiting).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });

  it('ends by itself', async () => {
    await expect(createClock().wait(1, calm)).resolves.toBeUndefined();
  });
});
