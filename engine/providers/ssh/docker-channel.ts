import { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { ProblemError } from '../../problems.ts';
import { classifyCommandFailure } from '../../remote-errors.ts';
import type { HostEntry } from '../../types.ts';
import type { DockerChannel } from '../docker-api.ts';
import { channelEnd } from './channel-end.ts';
import { commandLine, startedLine } from './command-line.ts';
import type { Connection } from './connection.ts';
import { beforeStartProblem } from './ending-problem.ts';

/**
 * Opens byte streams to the Docker daemon: straight to its socket where sshd and the user's rights allow, else through
 * `docker system dial-stdio` as root.
 */
export function createDockerDialler(entry: HostEntry, connection: Connection): () => Promise<DockerChannel> {
  /** Clients on which the socket was refused and the command then worked; asking again would cost a round trip. */
  const throughCommand = new WeakSet<Client>();

  return async () => {
    const client = await connection.client();
    const direct = throughCommand.has(client) ? null : await openSocket(client, entry.docker.socket);
    if (direct !== null) return { stream: asSocket(direct), answered: () => undefined, failure: noFailure };
    const { channel, failure } = await openCommand(client, entry);
    return { stream: asSocket(channel), answered: () => void throughCommand.add(client), failure };
  };
}

const noFailure = () => Promise.resolve(null);

function openSocket(client: Client, path: string): Promise<ClientChannel | null> {
  return new Promise((resolve) => {
    try {
      client.openssh_forwardOutStreamLocal(path, (error, channel) =>
        resolve(error === undefined ? channel : null),
      );
    } catch {
      resolve(null); // "Not connected": openCommand says it in words
    }
  });
}

interface Command {
  readonly channel: ClientChannel;
  readonly failure: DockerChannel['failure'];
}

function openCommand(client: Client, entry: HostEntry): Promise<Command> {
  const script = 'DOCKER_HOST="unix://$2" exec "$1" system dial-stdio';
  const line = commandLine(entry, script, [entry.docker.command, entry.docker.socket]);
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown) =>
      reject(
        new ProblemError(
          {
            code: 'host-unreachable',
            message: `No channel to the Docker daemon of ${entry.name} could be opened.`,
            where: entry.name,
            hint: 'The connection may just have been lost; try again.',
          },
          { cause },
        ),
      );
    try {
      client.exec(line, (error, channel) => {
        if (error === undefined) resolve({ channel, failure: watchFailure(channel, entry) });
        else refuse(error);
      });
    } catch (error) {
      refuse(error);
    }
  });
}

/** What `dial-stdio` said if it ended by itself without success. Called at once, or its exit code may be missed. */
function watchFailure(channel: ClientChannel, entry: HostEntry): DockerChannel['failure'] {
  const chunks: Buffer[] = [];
  let exit: number | null = null;
  channel.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  channel.on('exit', (code: number | null) => (exit = code));
  const closed = channelEnd(channel);
  return async () => {
    await closed;
    if (exit === null || exit === 0) return null;
    const said = Buffer.concat(chunks).toString('utf8');
    const ended = { exitCode: exit, stdout: '', stderr: said.replace(startedLine, '') };
    if (!startedLine.test(said)) return beforeStartProblem(entry, ended);
    const command = `${entry.docker.command} system dial-stdio`;
    return classifyCommandFailure({ ...ended, host: entry.name, command });
  };
}

/**
 * A channel as node:http expects a socket. Its own stream, because the agent leaves an idle stream unread, and an unread
 * channel never notices that the connection is gone: the next request would wait in vain.
 */
function asSocket(channel: ClientChannel): Duplex {
  const socket = new Duplex({
    read: () => void channel.resume(),
    write: (chunk: Buffer, encoding, done) => void channel.write(chunk, encoding, done),
    final: (done) => {
      channel.end();
      done();
    },
    destroy: (error, done) => {
      channel.close();
      done(error);
    },
  });
  channel.on('data', (chunk: Buffer) => {
    if (!socket.push(chunk)) channel.pause();
  });
  channel.once('error', (error: Error) => socket.destroy(error));
  channel.once('end', () => socket.push(null));
  channel.once('close', () => socket.destroy());
  // net.Socket's few extra methods have nothing to do on a channel.
  const same = () => socket;
  return Object.assign(socket, {
    setKeepAlive: same,
    setNoDelay: same,
    setTimeout: same,
    ref: same,
    unref: same,
    destroySoon: () => void socket.destroy(),
  });
}
