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
  readonly faults: FaultQueue<GitlabFault>;
  down(): Promise<void>;
  up(): Promise<void>;
}

export async function startWeb(lab: Lab, root: string): Promise<Web> {
  const exchanges: Exchange[] = [];
  const strays: string[] = [];
  const faults = createFaultQueue<GitlabFault>(({ method = 'any', path }) => `${method} ${String(path)}`);

  const serveApi = async (request: ApiRequest, path: string): Promise<Reply | null> => {
    const fault = faults.take(
      ({ method = request.method, path: where }) => method === request.method && where.test(path),
    );
    if (fault?.delayMs !== undefined) await wait(fault.delayMs);
    await fault?.before?.();
    const stands = fault?.limited === undefined ? fault?.reply : rateLimited(fault.limited);
    const instead = fault?.cut === true || stands !== undefined;
    if (instead && fault?.applied !== true) return fault?.cut === true ? null : (stands ?? null);
    const match = findRoute(request);
    if (match === null) strays.push(`${request.method} ${path}`);
    const reply = match === null ? refuse(404, '404 Not Found').reply : await answer(lab, request, match);
    await fault?.after?.();
    return fault?.cut === true ? null : (stands ?? reply);
  };
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? '/', lab.url);
    if (isGit(url)) return throughGit(incoming, response, url);
    const request = await requestOf(incoming, url);
    if (request instanceof Refusal) return send(response, request.reply);
    const path = `/${request.parts.join('/')}`;
    const reply = await serveApi(request, path);
    const { method, params } = request;
    exchanges.push({ method, path, params, status: reply?.status ?? null, body: reply?.body });
    if (reply === null) incoming.socket.destroy();
    else send(response, reply);
  };
  const throughGit = async (incoming: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const { method = 'GET' } = incoming;
    const fault = faults.take(
      ({ method: wanted = method, path }) => wanted === method && path.test(url.pathname),
    );
    if (fault?.delayMs !== undefined) await wait(fault.delayMs);
    await fault?.before?.();
    if (fault?.cut === true) return void incoming.socket.destroy();
    if (fault?.reply !== undefined) return send(response, fault.reply);
    await serveGit(lab, root, { incoming, response, url });
    await fault?.after?.();
    const params = queryParams(url.searchParams);
    exchanges.push({ method, path: url.pathname, params, status: response.statusCode, body: undefined });
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
    up: async () => void (server.listening || (await listen(port))),
  };
}

async function requestOf(incoming: IncomingMessage, url: URL): Promise<ApiRequest | Refusal> {
  const content = (await readAll(incoming)).toString('utf8');
  const { 'private-token': own, authorization, 'content-type': type = '' } = incoming.headers;
  const bearer = /^bearer (.+)$/i.exec(authorization ?? '')?.[1];
  try {
    return {
      method: incoming.method ?? 'GET',
      parts: url.pathname
        .replace(/^\/api\/v4\/?/, '')
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
