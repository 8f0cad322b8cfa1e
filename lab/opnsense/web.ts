import type { IncomingMessage, ServerResponse } from 'node:http';
import { act, type ActionParts } from './actions.ts';
import type { OpnsenseFaults } from './faults.ts';
import type { OpnsenseState, OpnsenseVersion } from './state.ts';

export interface WebParts extends ActionParts {
  readonly faults: OpnsenseFaults;
  readonly authorization: string;
}
interface Reply {
  readonly status: number;
  readonly body: object;
}

/** Answers one request as OPNsense's API does. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  parts: WebParts,
): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://lab.invalid').pathname;
  parts.state.requests.push(`${request.method ?? ''} ${path}`);
  const raw = await textOf(request);
  const fault = parts.faults.take(path);
  if (fault?.cut === 'before') return void request.socket.destroy();
  fault?.before?.();
  const reply = fault?.reply ?? (await replyTo({ request, path, raw }, parts));
  fault?.after?.();
  if (fault?.cut === 'after') return void request.socket.destroy();
  response
    .writeHead(reply.status, { 'content-type': 'application/json; charset=UTF-8' })
    .end(JSON.stringify(reply.body));
}

interface Asked {
  readonly request: IncomingMessage;
  readonly path: string;
  readonly raw: string;
}

async function replyTo({ request, path, raw }: Asked, parts: WebParts): Promise<Reply> {
  const { state, version } = parts;
  if (request.headers.authorization !== parts.authorization) return refusal(401, 'Authentication Failed');
  if (!isAllowed(path, state.privilege, version)) return refusal(403, 'Forbidden');
  const [, api, unbound, controller = '', action = '', uuid = ''] = path.split('/');
  const command = `${controller}/${toSnake(action)}`;
  const change = command !== 'service/status' && !command.includes('/search_');
  if (change && request.method !== 'POST') return { status: 200, body: { result: 'failed' } };
  const body = request.method === 'POST' ? parse(raw) : null;
  if (body === undefined) return refusal(400, 'Invalid JSON syntax');
  const done = api === 'api' && unbound === 'unbound' ? await act({ command, uuid, body }, parts) : null;
  if (done !== null) return { status: 200, body: done };
  state.unknownRoutes.push(`${request.method ?? ''} ${path}`);
  return refusal(404, 'Endpoint not found');
}

/** The check looks at the address as it was written; up to 25.1 the one for overrides is in camel case. */
function isAllowed(path: string, privilege: OpnsenseState['privilege'], version: OpnsenseVersion): boolean {
  if (privilege === 'none') return false;
  if (privilege === 'unbound') return path.startsWith('/api/unbound/');
  return version === '24.7'
    ? /^\/api\/unbound\/settings\/[a-z]+Host(Override|Alias)/.test(path)
    : /^\/api\/unbound\/settings\/[a-z]+_host_(override|alias)/.test(path);
}

function toSnake(action: string): string {
  return action.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function refusal(status: number, message: string): Reply {
  return { status, body: { status, message } };
}

/** Undefined when it is none: an empty body is none either. */
function parse(raw: string): unknown {
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return undefined;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
