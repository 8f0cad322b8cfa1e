import { Agent, request, type Dispatcher } from 'undici';
import { ProblemError } from '../problems.ts';

/** One request to a system around the services. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Put behind the base address, so it begins with a slash. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
}
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** The body read as JSON; undefined when it is none. */
  json(): unknown;
}
export interface HttpOptions {
  /** For people: `Pi-hole at 192.168.90.53`. */
  readonly name: string;
  /** Without a slash at the end. */
  readonly base: string;
  readonly ca: string | null;
  /** Default 10,000. */
  readonly timeoutMs?: number;
  /** A connection of its own for each request, for servers that close idle ones. */
  readonly fresh?: boolean;
}
export interface HttpClient {
  /** Any status is an answer; throws ProblemError `system-unreachable` when there is none. Redirects are not followed. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** Answers beyond this are no answers of the systems we know. */
const mostBytes = 16 * 1024 * 1024;

export function createHttpClient(options: HttpOptions): HttpClient {
  const { name, base, ca, timeoutMs = 10_000, fresh = false } = options;
  const agent = new Agent({
    connect: { timeout: timeoutMs, ...(ca === null ? {} : { ca }) },
    maxResponseSize: mostBytes,
    ...(fresh ? { pipelining: 0 } : {}),
  });
  return {
    async send({ method, path, headers = {}, json }, signal) {
      signal.throwIfAborted();
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      try {
        const answer = await request(`${base}${path}`, {
          dispatcher: agent,
          method,
          signal: limit,
          reset: fresh,
          headers: {
            accept: 'application/json',
            'user-agent': 'sentinel',
            ...(json === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        });
        return await read(answer);
      } catch (cause) {
        signal.throwIfAborted();
        throw unreachable(name, base, { cause, timeoutMs });
      }
    },
    close: () => agent.destroy(),
  };
}

async function read({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<HttpAnswer> {
  const text = await body.text();
  return {
    status: statusCode,
    headers,
    text,
    json() {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return undefined;
      }
    },
  };
}

/** Hosts and reasons only: a path may hold an id, a header never gets here. */
function unreachable(
  name: string,
  base: string,
  { cause, timeoutMs }: { readonly cause: unknown; readonly timeoutMs: number },
): ProblemError {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const code = codeOf(error);
  const late = error.name === 'TimeoutError' || error.name === 'AbortError';
  const why = late ? `no answer within ${timeoutMs / 1000} s` : (reasons[code] ?? code);
  return new ProblemError(
    {
      code: 'system-unreachable',
      message: `${name} did not answer: ${why}.`,
      where: new URL(base).origin,
      hint: isTrust(code)
        ? 'Add the authority of its certificate as `ca` in sentinel.yml.'
        : 'Check that it runs and that its address in sentinel.yml is right.',
    },
    { cause },
  );
}

/** What the parser says tells a person nothing, and may quote what it read. */
function codeOf(error: Error): string {
  if (error.name === 'HTTPParserError') return 'NOT_HTTP';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'its answer is too long',
  NOT_HTTP: 'what listens there does not speak HTTP',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what listens there does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'what listens there does not speak TLS',
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name does not resolve',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'nobody known signed its certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'nobody known signed its certificate',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

function isTrust(code: string): boolean {
  return /CERT|UNABLE_TO_VERIFY/.test(code);
}
