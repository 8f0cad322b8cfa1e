import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Answer } from './call.ts';
import type { FaultQueue } from '../fault-queue.ts';
import type { Asked, Fault } from './faults.ts';
import { answerGate, type Gate } from './gate.ts';
import { type ApiParts, handle } from './handle.ts';

export interface ServerParts {
  readonly api: () => ApiParts;
  readonly gate: () => Gate;
  readonly faults: FaultQueue<Fault, Asked>;
  /** Told after each request that may have changed something. */
  readonly changed: () => void;
}

const prefix = '/api/v3';

/** The API below `/api/v3`, the outpost beside it, and the page people sign on at. */
export function createAuthentikServer(parts: ServerParts): Server {
  return createServer((request, response) => {
    void serve(parts, request, response).catch((error: unknown) => {
      parts.api().unknown(`${request.method ?? ''} ${request.url ?? ''} failed: ${String(error)}`);
      response.writeHead(500).end();
    });
  });
}

async function serve(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://lab.invalid');
  if (url.pathname.startsWith(`${prefix}/`)) return serveApi(parts, { request, response, url });
  if (await answerGate(parts.gate(), request, response)) return;
  const signOn = url.pathname.startsWith('/application/o/authorize/');
  const page = signOn ? '<h1>Sign on</h1>' : '<h1>Not Found</h1>';
  send(response, { status: signOn ? 200 : 404, body: page });
}

async function serveApi(
  { api, faults, changed }: ServerParts,
  at: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly url: URL },
): Promise<void> {
  const { request, response, url } = at;
  const path = url.pathname.slice(prefix.length);
  const method = request.method ?? 'GET';
  const text = await readAll(request);
  const fault = faults.take({ method, path });
  await fault?.meanwhile?.();
  if (fault !== undefined && fault.afterEffect !== true && strike(fault, request, response)) return;
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  const { authorization } = request.headers;
  const answer = handle(api(), { method, path, query: url.searchParams, body, authorization });
  if (method !== 'GET') changed();
  api().state.requests.push({ method, path, status: answer.status, body });
  if (fault?.afterEffect === true && strike(fault, request, response)) return;
  send(response, answer);
}

/** Lets a fault happen; false when it only made something else happen before. */
function strike(fault: Fault, request: IncomingMessage, response: ServerResponse): boolean {
  if (fault.reset === true) {
    request.socket.resetAndDestroy();
    return true;
  }
  if (fault.status === undefined) return false;
  send(response, { status: fault.status, body: fault.body ?? { detail: 'injected' } });
  return true;
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (body === undefined) response.writeHead(status).end();
  else if (typeof body === 'string') response.writeHead(status, { 'content-type': 'text/html' }).end(body);
  else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
