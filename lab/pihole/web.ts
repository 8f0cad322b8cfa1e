import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { type Reply, refusal } from './reply.ts';
import type { PiholeRequest } from './routes.ts';

/** Answers one request; null cuts the connection. */
export type Answer = (request: PiholeRequest) => Promise<Reply | null>;

/** An HTTP server on a port it keeps while it is down. */
export interface Web {
  readonly port: number;
  /** Requests for something that is no part of the API. */
  readonly strays: readonly string[];
  readonly up: () => Promise<void>;
  readonly down: () => Promise<void>;
}

export async function startWeb(answer: Answer): Promise<Web> {
  const strays: string[] = [];
  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await requestOf(message);
    if (request === null) strays.push(`${message.method ?? ''} ${message.url ?? ''}`);
    const reply = request === null ? outside : await answer(request);
    if (reply === null) message.socket.destroy();
    else send(response, reply);
  };
  const listen = async (wanted: number): Promise<Server> => {
    const server = createServer((message, response) => void serve(message, response));
    server.listen(wanted, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server: Server | null = await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    strays,
    async up() {
      server ??= await listen(port);
    },
    async down() {
      const open = server;
      server = null;
      if (open === null) return;
      open.close();
      open.closeAllConnections();
      await once(open, 'close');
    },
  };
}

/** Null for what lies outside `/api`. */
async function requestOf(message: IncomingMessage): Promise<PiholeRequest | null> {
  const [path = '', search = ''] = (message.url ?? '').split('?');
  const body = await readText(message);
  if (!path.startsWith('/api/')) return null;
  const { 'x-ftl-sid': header, sid = header } = message.headers;
  return {
    method: message.method ?? 'GET',
    // A slash separates, however it is written; a plus is a blank.
    parts: path
      .slice('/api/'.length)
      .replaceAll(/%2f/gi, '/')
      .split('/')
      .map((part) => decodeURIComponent(part.replaceAll('+', ' '))),
    query: new URLSearchParams(search),
    sid: typeof sid === 'string' ? sid : undefined,
    body: body === '' ? undefined : parsed(body),
  };
}

/** JSON is read whatever the content type says. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

function send(response: ServerResponse, { status, body, text = '' }: Reply): void {
  response.statusCode = status;
  response.setHeader('content-type', body === undefined ? 'text/html' : 'application/json');
  response.end(body === undefined ? text : JSON.stringify(body));
}

const outside: Reply = refusal(400, 'bad_request', {
  message: 'Bad request',
  hint: 'The API is hosted at pi.hole/api, not pi.hole/admin/api',
});
