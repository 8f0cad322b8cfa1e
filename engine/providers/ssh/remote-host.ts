import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { Client } from 'ssh2';
import type { CommandResult, RemoteCommand, RemoteHost } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import type { HostEntry } from '../../types.ts';
import { createDockerApi } from '../docker-api.ts';
import { abortable } from './abortable.ts';
import { createChannels } from './channels.ts';
import { commandLine } from './command-line.ts';
import type { Connection } from './connection.ts';
import { createDockerDialler } from './docker-channel.ts';
import { cancelledBeforeStart, endingProblem } from './ending-problem.ts';
import { type Ending, execute } from './execute.ts';
import { killTree } from './kill-tree.ts';

export interface RemoteHostOptions {
  readonly entry: HostEntry;
  readonly connection: Connection;
  readonly maxChannels: number;
  readonly maxOutputBytes: number;
}

/** Of the channels, those kept for the Docker API's own pool. */
const dockerChannels = 2;
const defaultTimeoutMs = 60_000;

/** One machine over one shared connection. */
export function createRemoteHost(options: RemoteHostOptions): RemoteHost {
  const { entry, connection, maxOutputBytes } = options;
  const channels = createChannels(Math.max(1, options.maxChannels - dockerChannels));
  // Outside the limit, or a full house could not be stopped; one at a time, so that it costs one channel.
  const killing = pLimit(1);
  const docker = createDockerApi({ entry, dial: createDockerDialler(entry, connection) });

  async function attempt(line: string, command: RemoteCommand, signal: AbortSignal): Promise<Ending> {
    const client = await abortable(connection.client(), signal);
    return execute(client, {
      line,
      ...(command.stdin === undefined ? {} : { stdin: command.stdin }),
      timeoutMs: command.timeoutMs ?? defaultTimeoutMs,
      maxOutputBytes,
      signal,
      kill,
    });
  }

  async function kill(client: Client, pid: number): Promise<void> {
    await killing(() =>
      execute(client, {
        line: commandLine(entry, killTree, [String(pid)]),
        timeoutMs: 10_000,
        maxOutputBytes,
        signal: new AbortController().signal,
        kill: () => Promise.resolve(),
      }),
    );
  }

  async function runOnce(line: string, command: RemoteCommand, signal: AbortSignal): Promise<Ending> {
    const ending = await attempt(line, command, signal);
    // Nothing was sent: the open connection had died unnoticed, and a new one may do.
    return ending.kind === 'lost' && !ending.sent ? attempt(line, command, signal) : ending;
  }

  async function run(command: RemoteCommand, signal: AbortSignal): Promise<CommandResult> {
    setMaxListeners(0, signal); // thirty commands of one deployment listen to the same signal
    const line = commandLine(entry, command.script, command.args ?? []);
    const ending = await channels
      .run(() => runOnce(line, command, signal), signal)
      .catch((error: unknown) => {
        throw signal.aborted ? cancelledBeforeStart(entry, error) : error;
      });
    if (ending.kind !== 'exited' || !ending.began)
      throw new ProblemError(endingProblem(entry, ending, command.timeoutMs ?? defaultTimeoutMs));
    return { exitCode: ending.exitCode, stdout: ending.stdout, stderr: ending.stderr };
  }

  return {
    entry,
    run: (command, signal) => connection.use(() => run(command, signal)),
    docker: (request, signal) => connection.use(() => docker(request, signal)),
  };
}
