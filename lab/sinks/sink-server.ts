import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSinkFaults, type SinkFault, type SinkFaults } from './faults.ts';

export interface SinkRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}
export interface SinkAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
/** Undefined: there is no such route. */
export type SinkRoutes = (request: SinkRequest) => SinkAnswer | undefined;

export interface SinkServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** Everything that arrived, struck by a fault or not. */
  readonly requests: readonly SinkRequest[];
  readonly faults: Pick<SinkFaults, 'next' | 'pending'>;
  /** Nothing listens any more. */
  goDown(): Promise<void>;
  /** Listens again, on the same port. */
  comeBack(): Promise<void>;
  /** Throws when a fault was never met or an unknown route was called. */
  close(): Promise<void>;
}

/** An HTTP server on loopback that catches what is sent, with faults on request. */
export async function startSinkServer(name: string, routes: SinkRoutes): Promise<SinkServer> {
  const faults = createSinkFaults();
  const requests: SinkRequest[] = [];
  const unknown: string[] = [];
  const server = createServer((incoming, response) => {
    void receive(incoming).then((request) => {
      requests.push(request);
      const fault = faults.take(null);
      if (fault !== undefined && strike(fault, incoming, response)) return;
      const answer = routes(request);
      if (answer === undefined) unknown.push(`${request.method} ${request.path}`);
      const later = fault?.delayMs ?? 0;
      setTimeout(() => send(response, answer ?? { status: 404 }), later);
    });
  });
  const listen = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve((server.address() as AddressInfo).port);
      });
    });
  const goDown = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const port = await listen(0);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    faults,
    goDown,
    comeBack: async () => await listen(port).then(() => undefined),
    async close() {
      if (server.listening) await goDown();
      const complaints = [
        ...unknown.map((route) => `unknown route: ${route}`),
        ...(faults.pending() > 0 ? [`${faults.pending()} faults were never met`] : []),
      ];
      if (complaints.length > 0) throw new Error(`${name}:\n${complaints.join('\n')}`);
    },
  };
}

/** Lets a fault happen; false when it only delays. */
function strike(fault: SinkFault, incoming: IncomingMessage, response: ServerResponse): boolean {
  if (fault.hang === true) return true;
  if (fault.reset === true) {
    incoming.socket.resetAndDestroy();
    return true;
  }
  if (fault.status === undefined) return false;
  const headers = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
  send(response, { status: fault.status, headers });
  return true;
}

async function receive(incoming: IncomingMessage): Promise<SinkRequest> {
  const parts: Buffer[] = [];
  for await (const part of incoming) if (Buffer.isBuffer(part)) parts.push(part);
  const url = new URL(incoming.url ?? '/', 'http://lab.invalid');
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([key, value]) => [key, [value].flat().join(', ')]),
    ),
    text: Buffer.concat(parts).toString('utf8'),
  };
}

function send(response: ServerResponse, { status, body, headers = {} }: SinkAnswer): void {
  if (body === undefined) response.writeHead(status, headers).end();
  else
    response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body));
}
