import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { request } from 'undici';
import { serversOf } from './api.ts';
import { through } from './middlewares.ts';
import type { Router, Runtime } from './runtime.ts';

/** A visitor's request on its way through the proxy. */
export interface Asking {
  readonly method: string;
  readonly host: string;
  /** With the query. */
  readonly path: string;
  readonly secure: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}
export interface EntryPoint {
  readonly name: string;
  readonly secure: boolean;
}

/** Finds the router for a request, takes it through its middlewares to the service, and answers. */
export async function visit(
  runtime: Runtime,
  entryPoint: EntryPoint,
  { request: incoming, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const asking = await askingOf(incoming, entryPoint.secure);
  const router = routerFor(runtime, entryPoint, asking);
  const answered =
    router === null
      ? plainText(404, '404 page not found\n')
      : await through(router.middlewares, runtime, (next) => pass(router, runtime, next))(asking);
  response.writeHead(answered.status, { ...answered.headers } as Record<string, string | string[]>);
  response.end(answered.body);
}

async function askingOf(incoming: IncomingMessage, secure: boolean): Promise<Asking> {
  const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return {
    method: incoming.method ?? 'GET',
    host: (incoming.headers.host ?? '').replace(/:\d+$/, '').toLowerCase(),
    path: incoming.url ?? '/',
    secure,
    headers: Object.fromEntries(headers),
    body: await buffer(incoming),
  };
}

/** Of those that work and match, the one with the highest priority; TLS only where the router says so. */
function routerFor(runtime: Runtime, { name, secure }: EntryPoint, asking: Asking): Router | null {
  const path = asking.path.replace(/\?.*$/s, '');
  const fitting = runtime.routers.filter(
    ({ status, entryPoints, tls, rule }) =>
      status !== 'disabled' &&
      entryPoints.includes(name) &&
      (tls !== null) === secure &&
      rule?.matches({ host: asking.host, path, method: asking.method }) === true,
  );
  return fitting.toSorted((a, b) => b.priority - a.priority)[0] ?? null;
}

async function pass(router: Router, runtime: Runtime, asking: Asking): Promise<Answered> {
  const service = runtime.services.find(({ name }) => name === router.service);
  const [server] = serversOf(service?.written ?? {});
  if (server === undefined) return plainText(503, 'no available server\n');
  const { method, headers, body, path, host, secure } = asking;
  const passed = Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)));
  const answer = await request(new URL(path, server), {
    method,
    // The visitor's `host` goes along.
    headers: { ...passed, 'x-forwarded-host': host, 'x-forwarded-proto': secure ? 'https' : 'http' },
    ...(body.length === 0 || method === 'GET' || method === 'HEAD' ? {} : { body }),
  }).catch(() => null);
  if (answer === null) return plainText(502, 'Bad Gateway');
  const told = Object.entries(answer.headers).flatMap(([name, value]) =>
    value === undefined || hopByHop.includes(name) ? [] : [[name, value] as const],
  );
  return {
    status: answer.statusCode,
    headers: Object.fromEntries(told),
    body: Buffer.from(await answer.body.arrayBuffer()),
  };
}

/** These only hold for one connection. */
const hopByHop = ['connection', 'content-length', 'transfer-encoding', 'keep-alive', 'upgrade'];

function plainText(status: number, message: string): Answered {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(message) };
}
