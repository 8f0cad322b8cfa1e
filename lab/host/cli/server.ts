import { createServer, type Server, type Socket } from 'node:net';
import type { Daemon } from '../daemon.ts';
import { messageOf } from '../docker-error.ts';
import { runCompose } from './compose.ts';
import { type Invocation, needDaemon } from './invocation.ts';
import { runDocker } from './docker.ts';
import { CliError } from './flags.ts';

export interface CliOptions {
  readonly daemon: Daemon;
  readonly hostName: string;
  /** Whether that user may use the Docker socket. */
  readonly mayUseSocket: (user: string) => boolean;
  readonly composeInstalled: () => boolean;
  /** Connects a stream to the daemon's API, for `docker system dial-stdio`. */
  readonly dial: (socket: Socket, first: Buffer) => void;
}

/** Answers the fake `docker` program: a line of JSON in, framed output and an exit code back. */
export function createCliServer(options: CliOptions): Server {
  return createServer({ allowHalfOpen: true }, (socket) => {
    let head = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(10);
      if (end < 0) return;
      socket.off('data', read);
      socket.pause();
      void serve(socket, head.subarray(0, end).toString(), { options, rest: head.subarray(end + 1) });
    };
    socket.on('data', read).on('error', () => socket.destroy());
  });
}

interface Hello {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
}

/** The shim is ours, so what it sends has this shape. */
const parseHello = (line: string) => JSON.parse(line) as Hello;

async function serve(
  socket: Socket,
  line: string,
  { options, rest }: { options: CliOptions; rest: Buffer },
): Promise<void> {
  const { argv, cwd, env, user } = parseHello(line);
  const aborted = new AbortController();
  const input = argv[0] === 'exec' ? inputOf(socket, rest) : Promise.resolve('');
  const call: Invocation = {
    daemon: options.daemon,
    hostName: options.hostName,
    cwd,
    env,
    mayUseSocket: options.mayUseSocket(user),
    composeInstalled: options.composeInstalled(),
    out: (text) => void socket.write(frame(1, text)),
    err: (text) => void socket.write(frame(2, text)),
    signal: aborted.signal,
    stdin: () => input,
  };
  socket.on('close', () => aborted.abort());
  if (argv[0] === 'system' && argv[1] === 'dial-stdio') {
    dialStdio(socket, call, { options, rest });
    return;
  }
  if (argv[0] !== 'exec') socket.on('end', () => aborted.abort()); // the program was killed
  socket.resume();
  const code = await run(call, argv);
  socket.end(frame(3, String(code)));
}

function inputOf(socket: Socket, first: Buffer): Promise<string> {
  const chunks: Buffer[] = [first];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    socket.once('end', () => resolve(Buffer.concat(chunks).toString()));
  });
}

async function run(call: Invocation, argv: readonly string[]): Promise<number> {
  try {
    if (argv[0] === 'compose') {
      if (!call.composeInstalled)
        throw new CliError(1, "docker: 'compose' is not a docker command.\nSee 'docker --help'");
      await runCompose(call, argv.slice(1));
    } else await runDocker(call, argv);
    return 0;
  } catch (error) {
    const message = messageOf(error);
    if (message !== '') call.err(`${message}\n`);
    return error instanceof CliError ? error.exitCode : 1;
  }
}

function dialStdio(
  socket: Socket,
  call: Invocation,
  { options, rest }: { options: CliOptions; rest: Buffer },
): void {
  try {
    needDaemon(call, '/_ping');
  } catch (error) {
    call.err(`${messageOf(error)}\n`);
    // Read to its end, or the socket stays half open for ever.
    socket.resume().end(frame(3, '1'));
    return;
  }
  socket.write(frame(4, '')); // from here on the stream is raw
  options.dial(socket, rest);
}

function frame(kind: 1 | 2 | 3 | 4, text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.writeUInt8(kind, 0);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}
