import { startSinkServer, type SinkAnswer, type SinkRequest, type SinkServer } from './sink-server.ts';
import {
  parseJsonMessage,
  parsePlainMessage,
  topicPattern,
  type NtfyError,
  type NtfyMessage,
} from './ntfy-message.ts';

export interface NtfyOptions {
  /** Access tokens and the topics each may write to. Without any, everybody may write everywhere. */
  readonly tokens?: Readonly<Record<string, readonly string[]>>;
  /** Requests a visitor may send at once; afterwards one comes back every `refillMs`. */
  readonly burst?: number;
  readonly refillMs?: number;
}
export interface NtfyLab extends SinkServer {
  /** What was published, oldest first. */
  readonly messages: readonly NtfyMessage[];
}

const link = 'https://ntfy.sh/docs/publish/';

/** An ntfy server on loopback: JSON at its root, plain messages at a topic, its own numbered errors. */
export async function startNtfy(options: NtfyOptions = {}): Promise<NtfyLab> {
  const messages: NtfyMessage[] = [];
  const limited = createLimiter(options);
  const server = await startSinkServer('ntfy lab', (request) => {
    if (request.path === '/v1/health' && request.method === 'GET')
      return { status: 200, body: { healthy: true } };
    if (request.method !== 'POST' && request.method !== 'PUT') return undefined;
    const topic = request.path.slice(1);
    if (topic !== '' && !topicPattern.test(topic)) return undefined;
    if (limited()) return refusal({ code: 42901, http: 429, error: 'limit reached: too many requests' });
    const parsed =
      topic === '' ? parseJsonMessage(request.text) : parsePlainMessage(topic, request.text, request.headers);
    if (!parsed.ok) return refusal(parsed.error);
    const denied = deny(request, parsed.message.topic, options.tokens);
    if (denied !== null) return refusal(denied);
    const message = { ...parsed.message, id: `m${messages.length + 1}` };
    messages.push(message);
    const { title, attachment, ...shown } = message;
    const time = Math.floor(Date.now() / 1000);
    return {
      status: 200,
      body: {
        ...{ ...shown, time, expires: time + 43_200, event: 'message' },
        ...(title === null ? {} : { title }),
        ...(attachment === null ? {} : { attachment: { name: 'attachment.txt', size: attachment.length } }),
      },
    };
  });
  return { ...server, messages };
}

function deny({ headers }: SinkRequest, topic: string, tokens: NtfyOptions['tokens']): NtfyError | null {
  if (tokens === undefined) return null;
  const { authorization = '' } = headers;
  const topics = tokens[authorization.replace(/^Bearer /, '')];
  const forbidden = { code: 40301, http: 403, error: 'forbidden' };
  if (topics === undefined)
    return authorization === '' ? forbidden : { code: 40101, http: 401, error: 'unauthorized' };
  return topics.includes(topic) ? null : forbidden;
}

function refusal({ code, http, error }: NtfyError): SinkAnswer {
  return { status: http, body: { code, http, error, link } };
}

/** A bucket that fills up again drop by drop, as the real one's. */
function createLimiter({ burst = 60, refillMs = 5_000 }: NtfyOptions): () => boolean {
  let left = burst;
  let since = Date.now();
  return () => {
    const drops = Math.floor((Date.now() - since) / refillMs);
    left = Math.min(burst, left + drops);
    since += drops * refillMs;
    if (left < 1) return true;
    left -= 1;
    return false;
  };
}
