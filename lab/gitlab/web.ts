import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer as readAll } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { createFaultQueue, type FaultQueue } from '../fault-queue.ts';
import { answer, type ApiRequest, findRoute } from './dispatch.ts';
import { isGit, serveGit } from './git-http.ts';
import type { Lab } from './lab.ts';
import { bodyParams, type Params, queryParams } from './params.ts';
import { rateLimited, refuse, Refusal, type Reply } from './reply.ts';

/** What should go wrong with the next matching requests. */
export interface GitlabFault {
  readonly method?: string;
  /** Tested against the decoded path below `/api/v4`, or against that of a repository for git. */
  readonly path: RegExp;
  readonly times?: number;
  /** Wait before going on. */
  readonly delayMs?: number;
  /** Answer this; or a 429 as a limit gives it, in seconds; or cut the connection. */
  readonly reply?: Reply;
  readonly limited?: number;
  readonly cut?: boolean;
  /** Let the request take effect first: only its answer is lost. */
  readonly applied?: boolean;
  /** Somebody else does something at this moment: before the request takes effect, or after. */
  readonly before?: () => Promise<void> | void;
  readonly after?: () => Promise<void> | void;
}
/** A request as it was answered. Headers are not kept: they carry tokens. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly params: Params;
  /** Null when the connection was cut. */
  readonly status: number | null;
  readonly body: unknown;
}
export interface Web {
  readonly port: number;
  readonly exchanges: readonly Exchange[];
  readonly strays: readonly string[];
  readonly faults: FaultQueue<GitlabFault, Pick<Exchange, 'method' | 'path'>>;
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
}

export async function startWeb(lab: Lab, root: string): Promise<Web> {
  const exchanges: Exchange[] = [];
  const strays: string[] = [];
  const faults: Web['faults'] = createFaultQueue({
    strikes: (fault, { method, path }) => (fault.method ?? method) === method && fault.path.test(path),
    describe: ({ method, path }) => `${method ?? 'any'} ${String(path)}`,
  });
  const workOf = async (incoming: IncomingMessage): Promise<Work> => {
    const url = new URL(incoming.url ?? '/', lab.url);
    const { method = 'GET' } = incoming;
    if (isGit(url)) {
      const asked = { method, path: url.pathname, params: queryParams(url.searchParams) };
      return { ...asked, run: () => serveGit(lab, root, { incoming, url }) };
    }
    const request = await requestOf(incoming, url);
    if (request instanceof Refusal)
      return { ...{ method, path: url.pathname, params: {} }, run: () => Promise.resolve(request.reply) };
    const path = `/${request.parts.join('/')}`;
    const match = findRoute(request);
    if (match === null) strays.push(`${method} ${path}`);
    const run = (): Promise<Reply> =>
      match === null ? Promise.resolve(refuse(404, '404 Not Found').reply) : answer(lab, request, match);
    return { method, path, params: request.params, run };
  };
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { run, ...asked } = await workOf(incoming);
    const fault = faults.take(asked);
    const reply = await struck(fault, run);
    const params = withoutTokens(asked.params);
    exchanges.push({ ...asked, params, status: reply?.status ?? null, body: reply?.body });
    if (reply === null) incoming.socket.destroy();
    else send(response, reply);
  };
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      strays.push(`${incoming.method ?? ''} ${incoming.url ?? ''}: ${String(error)}`);
      send(response, { status: 500, body: { message: '500 Internal Server Error' } });
    });
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  return {
    ...{ port, exchanges, strays, faults },
    async down() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
    async up() {
      if (!server.listening) await listen(port);
    },
  };
}

const withoutTokens = (params: Params): Params =>
  Object.fromEntries(Object.entries(params).filter(([key]) => !/token/i.test(key)));

interface Work extends Pick<Exchange, 'method' | 'path' | 'params'> {
  readonly run: () => Promise<Reply>;
}

/** Lets a fault happen around the work; null cuts the connection. */
async function struck(fault: GitlabFault | undefined, run: Work['run']): Promise<Reply | null> {
  if (fault === undefined) return run();
  if (fault.delayMs !== undefined) await wait(fault.delayMs);
  await fault.before?.();
  const stands = fault.limited === undefined ? fault.reply : rateLimited(fault.limited);
  const loses = fault.cut === true || stands !== undefined;
  const reply = loses && fault.applied !== true ? undefined : await run();
  await fault.after?.();
  return fault.cut === true ? null : (stands ?? reply ?? null);
}

async function requestOf(incoming: IncomingMessage, url: URL): Promise<ApiRequest | Refusal> {
  const content = (await readAll(incoming)).toString('utf8');
  const { 'private-token': own, authorization, 'content-type': type = '' } = incoming.headers;
  const bearer = /^bearer (.+)$/i.exec(authorization ?? '')?.[1];
  try {
    return {
      method: incoming.method ?? 'GET',
      parts: url.pathname
        .replace(/^\/api\/v4\/?|\/$/g, '')
        .split('/')
        .map(decodeURIComponent),
      params: { ...queryParams(url.searchParams), ...bodyParams(type, content) },
      url,
      token: typeof own === 'string' ? own : bearer,
    };
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function send(response: ServerResponse, { status, headers = {}, body, raw }: Reply): void {
  if (raw !== undefined)
    response.writeHead(status, { ...headers, 'content-type': raw.type }).end(raw.content);
  else if (body === undefined) response.writeHead(status, headers).end();
  else
    response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body));
}
