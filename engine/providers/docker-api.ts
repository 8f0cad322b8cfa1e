import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { DockerRequest, DockerResponse } from '../ports.ts';
import { type Problem, ProblemError } from '../problems.ts';
import type { HostEntry } from '../types.ts';

/** A byte stream to a Docker daemon. */
export interface DockerChannel {
  readonly stream: Duplex;
  /** Told when the first answer came through. */
  readonly answered: () => void;
  /** Why the stream ended, once it has ended, where its far end said so. */
  readonly failure: () => Promise<Problem | null>;
}

const defaultTimeoutMs = 30_000;
const maxBodyBytes = 16 * 1024 * 1024;
/** More would not be faster: the daemon answers in under a millisecond. */
const sockets = 2;

/** The Docker Engine API by HTTP over streams that `dial` opens; they are kept for the next request. */
export function createDockerApi(options: {
  readonly entry: HostEntry;
  readonly dial: () => Promise<DockerChannel>;
}): (request: DockerRequest, signal: AbortSignal) => Promise<DockerResponse> {
  const channels = new WeakMap<object, DockerChannel>();
  const agent = Object.assign(new Agent({ keepAlive: true, maxSockets: sockets }), {
    createConnection(_: object, done: (error: Error | null, stream?: Duplex) => void): void {
      options.dial().then(
        (channel) => {
          channels.set(channel.stream, channel);
          done(null, channel.stream);
        },
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });

  return async (request, signal) => {
    const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await send(agent, channels, request, AbortSignal.any([signal, timeout]));
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      const problem = failureProblem(options.entry, request, {
        error,
        aborted: signal.aborted,
        timedOutMs: timeout.aborted ? timeoutMs : null,
      });
      throw new ProblemError(problem, { cause: error });
    }
  };
}

async function send(
  agent: Agent,
  channels: WeakMap<object, DockerChannel>,
  request: DockerRequest,
  signal: AbortSignal,
): Promise<DockerResponse> {
  const sent = exchange(agent, channels, request, signal);
  try {
    return await sent.response;
  } catch (error) {
    if (signal.aborted || error instanceof ProblemError) throw error;
    // A kept stream may have died since its last answer; a fresh one tells whether the daemon did.
    if (sent.reused() && request.method === 'GET') return exchange(agent, channels, request, signal).response;
    const failure = await sent.channel()?.failure();
    throw failure === null || failure === undefined ? error : new ProblemError(failure, { cause: error });
  }
}

function exchange(
  agent: Agent,
  channels: WeakMap<object, DockerChannel>,
  { method, path }: DockerRequest,
  signal: AbortSignal,
) {
  const sent = httpRequest({ agent, method, path, signal, headers: { host: 'docker' } });
  const channel = () => (sent.socket === null ? undefined : channels.get(sent.socket));
  const response = new Promise<DockerResponse>((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (answer) => {
      channel()?.answered();
      read(answer).then(resolve, reject);
    });
    sent.end();
  });
  return { response, channel, reused: () => sent.reusedSocket };
}

async function read(answer: IncomingMessage): Promise<DockerResponse> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new Error('the answer is longer than 16 MB');
    chunks.push(chunk);
  }
  return { status: answer.statusCode ?? 0, body: Buffer.concat(chunks) };
}

function failureProblem(
  entry: HostEntry,
  { method, path }: DockerRequest,
  why: { readonly error: unknown; readonly aborted: boolean; readonly timedOutMs: number | null },
): Problem {
  const call = `${method} ${path.replace(/\?.*/, '')}`;
  if (why.aborted)
    return {
      code: 'cancelled',
      message: `The Docker call ${call} on ${entry.name} was cancelled.`,
      where: entry.name,
    };
  if (why.timedOutMs !== null)
    return {
      code: 'timed-out',
      message: `The Docker daemon of ${entry.name} did not answer ${call} within ${why.timedOutMs / 1000} s.`,
      where: entry.name,
      hint: `Look at the load of ${entry.name} and at \`journalctl -u docker\`.`,
    };
  const detail = why.error instanceof Error ? why.error.message : String(why.error);
  return {
    code: 'docker-not-running',
    message: `The Docker daemon of ${entry.name} broke off the call ${call}: ${detail}.`,
    where: entry.name,
    hint: `Look at \`systemctl status docker\` on ${entry.name}, and that ${entry.docker.socket} is its socket.`,
  };
}
