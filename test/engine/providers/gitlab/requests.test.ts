import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../../../engine/ports.ts';
import { createGitlab, type Gitlab } from '../../../../engine/providers/gitlab/gitlab.ts';
import { idle, silentLog } from '../git/scratch.ts';

const token = 'glpat-canary-canary';
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Asked {
  readonly line: string;
  readonly token: unknown;
  readonly body: string;
}
type Behaviour = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A server that notes what it is asked, and a client whose clock only counts. */
async function start(behave: Behaviour, timeoutMs?: number) {
  const asked: Asked[] = [];
  const waited: number[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({ line: `${request.method} ${request.url}`, token: request.headers['private-token'], body });
      behave(request, response, asked.length);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clock: Clock = { now: () => new Date(), wait: (ms) => Promise.resolve(void waited.push(ms)) };
  const gitlab: Gitlab = createGitlab({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    token: () => token,
    ...{ ca: null, log: silentLog, clock },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  closers.push(
    () => gitlab.close(),
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return { asked, waited, gitlab };
}
const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const problemOf = async (work: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await work.then(
    () => 'it worked',
    (thrown: unknown) => thrown,
  );
  return error instanceof Error && 'problem' in error ? error.problem : error;
};

describe('a request to GitLab', () => {
  test('carries the token as it is now, and GitLab’s names', async () => {
    const { asked, gitlab } = await start((_request, response) => json(response, 201, { id: 1 }));
    await gitlab
      .api(idle())
      .commits.create('homelab/services', 'main', 'message', [
        { action: 'create', filePath: 'a', content: 'b' },
      ]);
    expect(asked).toEqual([
      {
        line: 'POST /api/v4/projects/homelab%2Fservices/repository/commits',
        token,
        body: JSON.stringify({
          branch: 'main',
          commit_message: 'message',
          actions: [{ action: 'create', file_path: 'a', content: 'b' }],
        }),
      },
    ]);
  });

  test('that changes something is sent once, whatever a proxy answers', async () => {
    const { asked, waited, gitlab } = await start((_request, response) =>
      response.writeHead(502).end('<html>Bad gateway</html>'),
    );
    const problem = await problemOf(gitlab.api(idle()).pipelines.create(1, 'main'));
    expect(problem).toMatchObject({
      code: 'forge-unreachable',
      message: expect.stringMatching(/answered 502 to “POST \/projects\/1\/pipeline”\.$/) as string,
    });
    expect([asked.length, waited]).toEqual([1, []]);
  });

  test('that only reads is tried again after a short wait', async () => {
    const { asked, waited, gitlab } = await start((_request, response, count) =>
      count < 3 ? response.writeHead(502).end() : json(response, 200, { id: 5 }),
    );
    expect(await gitlab.api(idle()).pipelines.show(1, 5)).toEqual({ id: 5 });
    expect([asked.length, waited]).toEqual([3, [1000, 2000]]);
  });

  test('waits as long as a limit asks for, also to change something, but not for minutes', async () => {
    const { asked, waited, gitlab } = await start((_request, response, count) =>
      response.writeHead(429, { 'retry-after': count === 1 ? '7' : '300' }).end('Retry later'),
    );
    const problem = await problemOf(gitlab.api(idle()).pipelines.create(1, 'main'));
    expect(problem).toMatchObject({
      code: 'forge-unreachable',
      hint: expect.stringContaining('minute') as string,
    });
    expect([asked.length, waited]).toEqual([2, [7000]]);
  });

  test.each([
    [401, { message: '401 Unauthorized' }, /did not accept the token.*401 Unauthorized/],
    [403, { error: 'insufficient_scope', error_description: 'needs more' }, /forbids this.*needs more/],
    [404, { message: '404 Project Not Found' }, /has no such thing.*404 Project Not Found/],
    [302, {}, /another address/],
  ])('that is answered %i says so, in GitLab’s words', async (status, body, words) => {
    const { asked, gitlab } = await start((_request, response) => json(response, status, body));
    const problem = await problemOf(gitlab.api(idle()).projects.show('a/b'));
    expect(problem).toMatchObject({ code: 'forge-refused', message: expect.stringMatching(words) as string });
    expect(asked).toHaveLength(1);
  });

  test('shows the token to nobody, not even where the server repeats it', async () => {
    const { gitlab } = await start((_request, response) =>
      json(response, 400, { message: `bad token ${token}` }),
    );
    const problem = await problemOf(gitlab.api(idle()).projects.show(1));
    expect(JSON.stringify(problem)).not.toContain('canary');
    expect(problem).toMatchObject({ message: expect.stringContaining('bad token [token]') as string });
  });

  test('ends when its caller gives up', async () => {
    const controller = new AbortController();
    const { gitlab } = await start(() => controller.abort());
    await expect(gitlab.api(controller.signal).projects.show(1)).rejects.toThrow(/abort/i);
  });

  test('ends in time where no answer comes, without a second try', async () => {
    const { asked, gitlab } = await start(() => undefined, 100);
    expect(await problemOf(gitlab.api(idle()).projects.show(1))).toMatchObject({
      code: 'forge-unreachable',
      message: expect.stringContaining('no answer within 0.1 s') as string,
    });
    expect(asked).toHaveLength(1);
  });

  test('that nobody answers names the server, and not a file it has nothing to do with', async () => {
    const { gitlab } = await start((request) => request.socket.destroy());
    const problem = await problemOf(gitlab.api(idle()).projects.show(1));
    expect(problem).toMatchObject({ code: 'forge-unreachable', where: gitlab.url });
    expect(JSON.stringify(problem)).not.toContain('sentinel.yml');
  });

  test('goes out with at most five others', async () => {
    let open = 0;
    let most = 0;
    const { gitlab } = await start((_request, response) => {
      most = Math.max(most, (open += 1));
      setTimeout(() => {
        open -= 1;
        json(response, 200, {});
      }, 10);
    });
    const api = gitlab.api(idle());
    await Promise.all(Array.from({ length: 20 }, (_, id) => api.projects.show(id)));
    expect(most).toBe(6);
  });

  test('follows the pages of a list on this server only', async () => {
    const { asked, gitlab } = await start((request, response) => {
      const page = new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? '1';
      const next = `<https://elsewhere.example/api/v4/projects/1/variables?page=2&per_page=100>; rel="next"`;
      response.writeHead(200, {
        'content-type': 'application/json',
        ...(page === '1' ? { link: next } : {}),
      });
      response.end(JSON.stringify([{ key: `K${page}` }]));
    });
    const all = await gitlab.api(idle()).projectVariables.all(1, { perPage: 100, maxPages: 3 });
    expect(all).toEqual([{ key: 'K1' }, { key: 'K2' }]);
    expect(asked.map(({ line }) => line)).toEqual([
      'GET /api/v4/projects/1/variables?per_page=100',
      'GET /api/v4/projects/1/variables?page=2&per_page=100',
    ]);
  });
});
