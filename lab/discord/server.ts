import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ApiError, refuse } from './api-error.ts';
import { answerOf, type DiscordFaults, type Fault } from './faults.ts';
import type { RateLimiter } from './rate-limits.ts';
import { matchRoute, type Answer, type Route } from './rest/route.ts';
import { parsePayload, type Payload } from './uploads.ts';
import type { World } from './world.ts';

export interface Exchange {
  readonly route: Route;
  readonly query: URLSearchParams;
  readonly payload: Payload;
  readonly answer: Answer;
}
export interface ServerParts {
  readonly world: World;
  readonly routes: readonly Route[];
  readonly faults: DiscordFaults;
  readonly limiter: RateLimiter;
  /** Sees every exchange that reached a route. */
  readonly inspect: (exchange: Exchange) => void;
}

interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly request: IncomingMessage;
}

/** Addresses of webhooks are given away without a version. */
const prefixes = [/^\/api\/v10(?=\/)/, /^\/api(?=\/webhooks\/)/];

export function createRestServer(parts: ServerParts): Server {
  return createServer((request, response) => {
    void serve(parts, request, response).catch((error: unknown) => {
      const body = { message: `the lab failed: ${String(error)}`, code: 0 };
      if (!response.headersSent) send(response, { status: 500, body }, {});
      parts.world.state.unknownRoutes.push(
        `${request.method ?? ''} ${request.url ?? ''} failed: ${String(error)}`,
      );
    });
  });
}

async function serve(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://lab.invalid');
  const raw = await readAll(request);
  if (url.pathname.startsWith('/attachments/')) {
    serveAttachment(parts.world, url, response);
    return;
  }
  const prefix = prefixes.find((each) => each.test(url.pathname));
  const path = prefix === undefined ? url.pathname : url.pathname.replace(prefix, '');
  const incoming: Incoming = { method: request.method ?? 'GET', path: decodeURI(path), url, request };
  const match = matchRoute(parts.routes, incoming.method, path);
  if (match === undefined || prefix === undefined) {
    unknownRoute(parts.world, incoming, response);
    return;
  }

  const fault = parts.faults.take({ ...incoming, template: match.route.template });
  if (fault !== undefined) parts.world.changed();
  if (fault?.delayMs !== undefined)
    await new Promise((resolve) => parts.world.clock.after(fault.delayMs ?? 0, () => resolve(null)));
  if (
    fault !== undefined &&
    fault.afterEffect !== true &&
    strike(fault, incoming, { parts, response, match, raw })
  )
    return;
  await answer(parts, incoming, { ...match, raw, response, fault });
}

interface Matched {
  readonly route: Route;
  readonly params: ReadonlyMap<string, string>;
}

async function answer(
  parts: ServerParts,
  incoming: Incoming,
  exchange: Matched & { raw: Buffer; response: ServerResponse; fault: Fault | undefined },
): Promise<void> {
  const { world } = parts;
  const { route, params, raw, response, fault } = exchange;
  let payload: Payload = { body: undefined, files: new Map() };
  let headers: Readonly<Record<string, string>> = {};
  let result: Answer;
  try {
    if (route.open !== true && incoming.request.headers.authorization !== `Bot ${world.token}`)
      throw refuse('unauthorized');
    const verdict = parts.limiter(route, params);
    headers = verdict.headers;
    if (verdict.refused === undefined) {
      payload = await parsePayload(raw, incoming.request.headers['content-type'] ?? '');
      const { body, files } = payload;
      result = route.answer({ world, params, query: incoming.url.searchParams, body, files });
    } else {
      const { scope, retryAfter, body } = verdict.refused;
      world.state.rateLimited.push({
        route: `${route.method} ${route.template}`,
        scope,
        at: world.clock.now(),
      });
      headers = { ...headers, 'retry-after': String(retryAfter), 'x-ratelimit-scope': scope };
      if (scope === 'global') headers = { ...headers, 'x-ratelimit-global': 'true' };
      result = { status: 429, body };
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    result = { status: error.status, body: error.body };
  }
  parts.inspect({ route, query: incoming.url.searchParams, payload, answer: result });
  record(world, incoming, { route, status: result.status, body: payload.body });
  if (
    fault?.afterEffect === true &&
    strike(fault, incoming, { parts, response, match: exchange, raw, done: true })
  )
    return;
  send(response, result, headers);
}

/** Lets a fault happen; false when it only delayed. */
function strike(
  fault: Fault,
  incoming: Incoming,
  at: { parts: ServerParts; response: ServerResponse; match: Matched; raw: Buffer; done?: boolean },
): boolean {
  const note = (status: number) => {
    if (at.done !== true)
      record(at.parts.world, incoming, { route: at.match.route, status, body: undefined });
  };
  if (fault.hang === true) return (note(0), true);
  if (fault.reset === true) {
    note(0);
    incoming.request.socket.resetAndDestroy();
    return true;
  }
  const injected = answerOf(fault);
  if (injected === null) return false;
  note(injected.status);
  const headers =
    fault.status === 429 ? { 'retry-after': String(fault.retryAfter ?? 1), 'x-ratelimit-scope': 'user' } : {};
  send(at.response, injected, headers);
  return true;
}

function record(
  world: World,
  incoming: Incoming,
  what: { route: Route; status: number; body: unknown },
): void {
  const reason = incoming.request.headers['x-audit-log-reason'];
  world.state.requests.push({
    method: incoming.method,
    path: incoming.path,
    route: what.route.template,
    status: what.status,
    at: world.clock.now(),
    body: what.body,
    reason: typeof reason === 'string' ? decodeURIComponent(reason) : null,
  });
  world.changed();
}

function unknownRoute(world: World, { method, path }: Incoming, response: ServerResponse): void {
  world.state.unknownRoutes.push(`${method} ${path}`);
  world.changed();
  const error = refuse('notFound');
  send(response, { status: error.status, body: error.body }, {});
}

function serveAttachment(world: World, url: URL, response: ServerResponse): void {
  const [, , , id] = url.pathname.split('/');
  const all = [...world.state.messages.values()].flatMap(({ attachments }) => attachments);
  const attachment = all.find((each) => each.id === id);
  if (attachment === undefined) send(response, { status: 404, body: {} }, {});
  else response.writeHead(200, { 'content-type': attachment.contentType }).end(attachment.bytes);
}

/** A 204 has no body and no content type: discord.js would choke on an empty body labelled JSON. */
function send(
  response: ServerResponse,
  { status, body }: Answer,
  headers: Readonly<Record<string, string>>,
): void {
  if (body === undefined) response.writeHead(status, headers).end();
  else
    response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
  return Buffer.concat(parts);
}
