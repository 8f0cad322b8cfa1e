import { connect, type Socket } from 'node:net';
import ssh2, {
  type AcceptConnection,
  type AuthContext,
  type Connection,
  type RejectConnection,
  type ServerChannel,
  type Session,
  type TcpipRequestInfo,
} from 'ssh2';
import type { Traffic } from '../world.ts';
import type { Shell } from './shell.ts';

export interface SshServerOptions {
  readonly address: string;
  readonly user: string;
  /** Public key that may log in, as `ssh-ed25519 AAAA…`. */
  readonly authorisedKey: string;
  readonly shell: Shell;
  readonly environment: () => Readonly<Record<string, string>>;
  /** Unix socket behind `/var/run/docker.sock`, or undefined when this user gets no connection to it. */
  readonly dockerSocket: () => string | undefined;
}

/** The sshd of a simulated host. */
export interface SshServer {
  readonly port: number;
  readonly traffic: Traffic;
  /** Starts listening with a host key (PEM); the port stays the same from the first time on. */
  listen(hostKey: string): Promise<void>;
  /** Stops listening; connections stay. */
  unlisten(): Promise<void>;
  /** Breaks every connection without a goodbye. */
  dropConnections(): void;
}

/** sshd's default `MaxSessions`. */
const maxSessions = 10;
const sshPort = 2222;

export function createSshServer(options: SshServerOptions): SshServer {
  const sockets = new Set<Socket>();
  const commands: string[] = [];
  const traffic = { connections: 0, channels: 0, channelsAtOnce: 0, commands };
  let server: ssh2.Server | undefined;

  const greet = (connection: Connection) => {
    let open = 0;
    const socket = socketOf(connection);
    socket?.setNoDelay(true); // as sshd does; a round trip would take 180 ms otherwise
    if (socket) sockets.add(socket);
    connection.on('authentication', (context) => authenticate(context, options));
    connection.on('ready', () => {
      traffic.connections += 1;
    });
    connection.on('session', (accept, reject) => {
      if (open >= maxSessions) {
        reject();
        return;
      }
      open += 1;
      traffic.channels += 1;
      traffic.channelsAtOnce = Math.max(traffic.channelsAtOnce, open);
      serveSession(accept(), {
        ...options,
        heard: (command) => commands.push(command),
        closed: () => (open -= 1),
      });
    });
    connection.on('tcpip', (accept, reject, target) => forward(accept, reject, { options, target }));
    connection.on('openssh.streamlocal', (accept, reject, { socketPath }) => {
      const known = socketPath === '/var/run/docker.sock' || socketPath === '/run/docker.sock';
      const path = known ? options.dockerSocket() : undefined;
      if (path === undefined) reject();
      else pipeTo(accept, reject, connect(path));
    });
    connection.on('error', () => connection.end()); // the client went away
    connection.on('close', () => socket && sockets.delete(socket));
  };

  return {
    port: sshPort,
    traffic,
    listen(hostKey) {
      return new Promise((resolve, reject) => {
        server = new ssh2.Server({ hostKeys: [hostKey], ident: 'OpenSSH_9.2p1 Debian-2' }, greet);
        server.once('error', reject);
        server.listen(sshPort, options.address, () => resolve());
      });
    },
    unlisten() {
      return new Promise((resolve) => {
        if (!server) {
          resolve();
          return;
        }
        server.close();
        server = undefined;
        resolve();
      });
    },
    dropConnections() {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
  };
}

/** What ssh2 keeps to itself: the socket, to cut the wire, and the refusals, which have words with sshd. */
interface Internals {
  readonly _sock?: Socket;
  readonly _protocol?: { channelOpenFail: (recipient: number, reason: number, description: string) => void };
}

function socketOf(connection: Connection): Socket | undefined {
  const { _sock, _protocol } = connection as unknown as Internals;
  const refuse = _protocol?.channelOpenFail.bind(_protocol);
  if (_protocol && refuse)
    _protocol.channelOpenFail = (to, reason, words) => refuse(to, reason, words || 'open failed');
  return _sock;
}

function authenticate(context: AuthContext, { user, authorisedKey }: SshServerOptions): void {
  if (context.method !== 'publickey' || context.username !== user) {
    context.reject(['publickey']);
    return;
  }
  const key = ssh2.utils.parseKey(authorisedKey);
  if (key instanceof Error) {
    context.reject(['publickey']);
    return;
  }
  if (context.key.algo !== key.type || !context.key.data.equals(key.getPublicSSH())) {
    context.reject(['publickey']);
    return;
  }
  const { signature, blob } = context;
  if (signature && blob && !key.verify(blob, signature, context.hashAlgo)) {
    context.reject(['publickey']);
    return;
  }
  context.accept();
}

interface SessionOptions extends SshServerOptions {
  readonly heard: (command: string) => void;
  readonly closed: () => void;
}

function serveSession(session: Session, options: SessionOptions): void {
  session.once('close', options.closed);
  session.on('pty', (accept) => accept());
  session.on('env', (accept) => accept()); // sshd ignores what AcceptEnv does not name
  session.on('exec', (accept, _reject, { command }) => {
    options.heard(command);
    run(accept(), session, { ...options, command });
  });
  session.on('shell', (accept) => run(accept(), session, { ...options, command: 'exec sh' }));
  session.on('sftp', (_accept, reject) => reject());
}

function run(channel: ServerChannel, session: Session, options: SessionOptions & { command: string }): void {
  const running = options.shell.start(options.command, options.environment());
  const { child, wording } = running;
  session.on('signal', (_accept, _reject, { name }) => {
    // sshd can signal only where it gave up privileges, which it does not for root.
    if (options.user !== 'root') running.signal(`SIG${name}` as NodeJS.Signals);
  });
  child.stdin.on('error', () => undefined); // a program that does not read its input
  channel.on('error', () => undefined); // the client went away
  channel.pipe(child.stdin);
  child.stdout.on('data', (chunk: Buffer) => pass(channel, wording(chunk), child.stdout));
  child.stderr.on('data', (chunk: Buffer) => pass(channel.stderr, wording(chunk), child.stderr));
  // As with sshd, a lost connection takes the pipes away but does not kill the program.
  channel.on('close', () => {
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
  });
  child.on('error', () => channel.exit(127));
  child.on('close', (code, name) => {
    if (name === null) channel.exit(code ?? 255);
    else channel.exit(name.replace('SIG', ''));
    channel.end();
  });
}

function pass(target: NodeJS.WritableStream, chunk: Buffer, source: NodeJS.ReadableStream | null): void {
  if (target.write(chunk) || !source) return;
  source.pause();
  target.once('drain', () => source.resume());
}

interface Forward {
  readonly options: SshServerOptions;
  readonly target: TcpipRequestInfo;
}

function forward(
  accept: AcceptConnection<ServerChannel>,
  reject: RejectConnection,
  { options, target }: Forward,
): void {
  const local = ['127.0.0.1', 'localhost', '::1'].includes(target.destIP);
  pipeTo(accept, reject, connect(target.destPort, local ? options.address : target.destIP));
}

function pipeTo(accept: AcceptConnection<ServerChannel>, reject: RejectConnection, socket: Socket): void {
  socket.once('error', reject);
  socket.once('connect', () => {
    socket.off('error', reject);
    const channel = accept();
    socket.on('error', () => channel.end());
    channel.on('error', () => socket.destroy());
    channel.on('close', () => socket.destroy());
    socket.pipe(channel).pipe(socket);
  });
}
