import { startSinkServer, type SinkServer } from './sink-server.ts';

export interface WebhookOptions {
  /** Without it as a bearer token, everything is refused. */
  readonly token?: string;
}
export interface WebhookLab extends SinkServer {
  /** The address to give away; its path is as secret as that of a real one. */
  readonly address: string;
  /** What was taken, read as JSON. */
  readonly caught: readonly unknown[];
}

const path = '/hooks/c4tch3r';

/** Somebody's own program behind a webhook: takes JSON, answers 204. */
export async function startWebhook({ token }: WebhookOptions = {}): Promise<WebhookLab> {
  const caught: unknown[] = [];
  const server = await startSinkServer('webhook lab', (request) => {
    if (request.method !== 'POST' || request.path !== path) return undefined;
    if (token !== undefined && request.headers['authorization'] !== `Bearer ${token}`) return { status: 401 };
    if (!request.headers['content-type']?.startsWith('application/json')) return { status: 415 };
    caught.push(JSON.parse(request.text));
    return { status: 204 };
  });
  return { ...server, address: `${server.url}${path}`, caught };
}
