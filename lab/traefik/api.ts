import { createServer, type Server, type ServerResponse } from 'node:http';
import { isRecord, list } from '../../engine/json.ts';
import type { Faults } from './faults.ts';
import type { Part, Router, Runtime } from './runtime.ts';

export interface ApiParts {
  readonly runtime: () => Runtime;
  readonly faults: Faults;
  readonly entryPoints: readonly string[];
  /** Requests for something Traefik does not have there. */
  readonly unknown: (request: string) => void;
}

/** The read API: lists with pages, single things by name, an overview and the version. */
export function createApi(parts: ApiParts): Server {
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://traefik.lab');
    const fault = parts.faults.take(url.pathname);
    if (fault?.reset === true) request.socket.destroy();
    else if (fault?.status !== undefined) send(response, fault.status, { message: 'injected' });
    else if (fault?.body !== undefined) response.end(fault.body);
    else if (request.method !== 'GET') response.writeHead(405).end();
    else answer(parts, url, response);
  });
}

const kinds = ['routers', 'services', 'middlewares'] as const;
type Kind = (typeof kinds)[number];

function answer(parts: ApiParts, url: URL, response: ServerResponse): void {
  const runtime = parts.runtime();
  const [, kind, name] = /^\/api\/http\/([a-z]+)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
  if (isKind(kind)) {
    const rows = rowsOf(kind, runtime);
    if (name === undefined) sendPage(url, rows, response);
    else
      sendOne(rows, `${kind.slice(0, -1)} not found: ${name}`, { name: decodeURIComponent(name), response });
  } else if (url.pathname === '/api/version') {
    send(response, 200, { Version: '3.6.7', Codename: 'ramequin' });
  } else if (url.pathname === '/api/entrypoints') {
    send(
      response,
      200,
      parts.entryPoints.map((name) => ({ name, address: ':0' })),
    );
  } else if (url.pathname === '/api/overview') {
    send(response, 200, overview(runtime));
  } else {
    parts.unknown(url.pathname);
    send(response, 404, { message: 'not found' });
  }
}

function sendOne(
  rows: readonly Readonly<Record<string, unknown>>[],
  missing: string,
  { name, response }: { readonly name: string; readonly response: ServerResponse },
): void {
  const row = rows.find((one) => one['name'] === name);
  send(response, row === undefined ? 404 : 200, row ?? { message: missing });
}

function isKind(kind: string | undefined): kind is Kind {
  return kinds.some((one) => one === kind);
}

function rowsOf(kind: Kind, runtime: Runtime): readonly Readonly<Record<string, unknown>>[] {
  if (kind === 'routers') return runtime.routers.map((router) => routerRow(router));
  if (kind === 'services')
    return runtime.services.map((part) => ({
      ...row(part),
      ...withDefaults(part.written),
      usedBy: usedBy(part.name, runtime, (router) => [router.service]),
      serverStatus: Object.fromEntries(serversOf(part.written).map((server) => [server, 'UP'])),
      type: 'loadbalancer',
    }));
  return runtime.middlewares.map((part) => ({
    ...row(part),
    ...part.written,
    usedBy: usedBy(part.name, runtime, (router) => router.middlewares),
    type: (Object.keys(part.written)[0] ?? '').toLowerCase(),
  }));
}

function row({ name, status, errors }: Part) {
  return {
    name: `${name}@file`,
    provider: 'file',
    status,
    ...(errors.length === 0 ? {} : { error: errors }),
  };
}

function routerRow(router: Router) {
  const { entryPoints, middlewares, priority, written } = router;
  return {
    ...written,
    ...row(router),
    entryPoints,
    using: entryPoints,
    priority,
    ...(middlewares.length === 0
      ? {}
      : { middlewares: middlewares.map((one) => (one.includes('@') ? one : `${one}@file`)) }),
  };
}

/** The API tells durations as Go writes them, and what is on unless said otherwise. */
function withDefaults(written: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const balancer = written['loadBalancer'];
  if (!isRecord(balancer)) return written;
  const check = balancer['healthCheck'];
  const goStyle = (value: unknown): unknown => (value === '90s' ? '1m30s' : value === '60s' ? '1m0s' : value);
  return {
    loadBalancer: {
      strategy: 'wrr',
      passHostHeader: true,
      responseForwarding: { flushInterval: '100ms' },
      ...balancer,
      ...(isRecord(check)
        ? {
            healthCheck: {
              mode: 'http',
              followRedirects: true,
              ...check,
              interval: goStyle(check['interval']),
              timeout: goStyle(check['timeout']),
            },
          }
        : {}),
    },
  };
}

export function serversOf(written: Readonly<Record<string, unknown>>): readonly string[] {
  const balancer = written['loadBalancer'];
  return list(isRecord(balancer) ? balancer['servers'] : []).flatMap((server) =>
    isRecord(server) && typeof server['url'] === 'string' ? [server['url']] : [],
  );
}

function usedBy(
  name: string,
  { routers }: Runtime,
  names: (router: Router) => readonly string[],
): readonly string[] {
  return routers.filter((router) => names(router).includes(name)).map((router) => `${router.name}@file`);
}

function overview({ routers, services, middlewares }: Runtime) {
  const count = (parts: readonly Part[]) => ({
    total: parts.length,
    warnings: parts.filter(({ status }) => status === 'warning').length,
    errors: parts.filter(({ status }) => status === 'disabled').length,
  });
  return { http: { routers: count(routers), services: count(services), middlewares: count(middlewares) } };
}

/** 100 rows a page unless asked otherwise; the page after the last is told to be the first. */
function sendPage(url: URL, rows: readonly object[], response: ServerResponse): void {
  const [page, size] = ['page', 'per_page'].map((key) => Number(url.searchParams.get(key) ?? 0));
  const perPage = size === undefined || size <= 0 ? 100 : size;
  const start = ((page === undefined || page <= 0 ? 1 : page) - 1) * perPage;
  if (start > 0 && start >= rows.length) {
    send(response, 400, { message: `invalid request: page: ${page ?? 0}, per_page: ${perPage}` });
    return;
  }
  const end = start + perPage;
  response.setHeader('X-Next-Page', end < rows.length ? String(start / perPage + 2) : '1');
  send(response, 200, rows.slice(start, end));
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
