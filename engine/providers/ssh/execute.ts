import { constants } from 'node:os';
import type { Client, ClientChannel } from 'ssh2';
import type { CommandResult } from '../../ports.ts';
import { channelEnd } from './channel-end.ts';
import { startedLine } from './command-line.ts';

export interface Execution {
  readonly line: string;
  readonly stdin?: string | Buffer;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly signal: AbortSignal;
  /** Ends the process tree of `pid` on the host. */
  readonly kill: (client: Client, pid: number) => Promise<void>;
}

/** How a command on the host ended. */
export type Ending =
  /** `began` is false when the login shell or sudo stopped it before its first line. */
  | ({ readonly kind: 'exited'; readonly began: boolean } & CommandResult)
  /** The host opens no further channel; nothing ran. */
  | { readonly kind: 'no-channel' }
  /** The connection or the channel went away without an exit code. `sent`: it may have run. */
  | { readonly kind: 'lost'; readonly sent: boolean }
  /** We stopped it. `gone` is false when it could not be seen to end. */
  | { readonly kind: 'stopped'; readonly by: StopCause; readonly gone: boolean; readonly stderr: string };
export type StopCause = 'abort' | 'timeout' | 'output';

/** How long a killed command may take to let go of its channel. */
const farewellMs = 15_000;
/** How long a command may take to tell its process id before it is given up on. */
const introductionMs = 2_000;

/** Runs one command line over its own channel. */
export async function execute(client: Client, execution: Execution): Promise<Ending> {
  const opened = await openChannel(client, execution);
  if ('kind' in opened) return opened;
  const { channel, output } = opened;
  // The remote end may close before it has read everything; its exit code tells the story, not our EPIPE.
  channel.on('error', () => undefined);
  channel.end(execution.stdin);
  const by = await Promise.race([output.closed, stopCause(execution, output)]);
  if (by !== null) return stop({ client, channel, output, by, kill: execution.kill });
  const { exit } = output;
  if (exit === null) return { kind: 'lost', sent: true };
  return { kind: 'exited', ...output.texts(), exitCode: exit };
}

async function stop(running: {
  readonly client: Client;
  readonly channel: ClientChannel;
  readonly output: Output;
  readonly by: StopCause;
  readonly kill: Execution['kill'];
}): Promise<Ending> {
  const { client, channel, output, by } = running;
  const pid = await within(introductionMs, Promise.race([output.pid, output.closed]));
  if (typeof pid === 'number')
    await within(
      farewellMs,
      running.kill(client, pid).catch(() => undefined),
    );
  const gone = (await within(introductionMs, output.closed)) !== undefined;
  channel.destroy();
  return { kind: 'stopped', by, gone, stderr: output.texts().stderr };
}

interface Open {
  readonly channel: ClientChannel;
  readonly output: Output;
}

function openChannel(
  client: Client,
  { line, maxOutputBytes }: Execution,
): Promise<Open | Extract<Ending, { kind: 'no-channel' | 'lost' }>> {
  return new Promise((resolve) => {
    let connected = true;
    const onClose = () => (connected = false);
    client.once('close', onClose);
    try {
      client.exec(line, (error, channel) => {
        client.off('close', onClose);
        // Listened to at once: a short command's exit code may come in the same packet as the channel.
        if (error === undefined) resolve({ channel, output: collect(channel, maxOutputBytes) });
        else if (connected && /Channel open failure/.test(error.message)) resolve({ kind: 'no-channel' });
        // Only a request that was on its way can have reached a shell.
        else resolve({ kind: 'lost', sent: error.message === 'Unable to exec' });
      });
    } catch {
      client.off('close', onClose);
      resolve({ kind: 'lost', sent: false }); // ssh2 throws "Not connected"
    }
  });
}

interface Output {
  /** Null once the channel is closed, both streams read to their ends. */
  readonly closed: Promise<null>;
  readonly pid: Promise<number>;
  readonly tooMuch: Promise<StopCause>;
  readonly exit: number | null;
  texts(): { readonly began: boolean; readonly stdout: string; readonly stderr: string };
}

function collect(channel: ClientChannel, maxBytes: number): Output {
  const chunks: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  let bytes = 0;
  let exit: number | null = null;
  const pid = deferred<number>();
  const tooMuch = deferred<StopCause>();
  const keep = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) tooMuch.resolve('output');
    else chunks[stream].push(chunk);
  };
  const text = (stream: 'stdout' | 'stderr') => Buffer.concat(chunks[stream]).toString('utf8');
  channel.on('data', keep('stdout'));
  channel.stderr.on('data', keep('stderr'));
  channel.stderr.on('data', () => {
    if (pid.done) return;
    const started = startedLine.exec(text('stderr'));
    if (started !== null) pid.resolve(Number(started[1]));
  });
  channel.on('exit', (code: number | null, signal?: string) => (exit = code ?? exitCodeOf(signal)));
  const closed = channelEnd(channel).then(() => null);
  return {
    closed,
    pid: pid.promise,
    tooMuch: tooMuch.promise,
    get exit() {
      return exit;
    },
    texts() {
      const stderr = text('stderr');
      const started = startedLine.exec(stderr);
      // What login scripts and sudo said before our first line is not the command's.
      const own = started === null ? stderr : stderr.slice(started.index + started[0].length);
      return { began: started !== null, stdout: text('stdout'), stderr: own };
    },
  };
}

/** As a shell would number it: 128 + signal. */
function exitCodeOf(signal: string | undefined): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[`SIG${signal ?? ''}`] ?? 0);
}

function stopCause({ signal, timeoutMs }: Execution, output: Output): Promise<StopCause> {
  const cause = deferred<StopCause>();
  const onAbort = () => cause.resolve('abort');
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => cause.resolve('timeout'), timeoutMs);
  void output.tooMuch.then((tooMuch) => cause.resolve(tooMuch));
  void output.closed.then(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  });
  return cause.promise;
}

/** The value, or undefined when it does not come in time. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const late = deferred<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function deferred<T>() {
  let done = false;
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (settle = resolve));
  return {
    promise,
    get done() {
      return done;
    },
    resolve(value: T): void {
      done = true;
      settle(value);
    },
  };
}
