import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { ShellResult, WorldHost } from '../world.ts';
import { createCliServer } from './cli/server.ts';
import { label } from './compose/spec.ts';
import { createDaemon, type Daemon } from './daemon.ts';
import { DockerError } from './docker-error.ts';
import { createEngineApi } from './engine-api.ts';
import { type HostKey, newHostKey } from './host-key.ts';
import type { SimulatedRegistry } from './registry.ts';
import { createShell } from './shell.ts';
import { writeShims } from './shims.ts';
import { createSshServer } from './ssh-server.ts';

/** Who Sentinel logs in as, and what that user may do. */
export type Account =
  | 'root'
  /** May use sudo without a password. */
  | 'sudo'
  /** sudo asks for a password. */
  | 'sudo-password'
  /** There is no sudo; the user is in the docker group. */
  | 'docker-group';

export interface SimulatedHostOptions {
  readonly name: string;
  readonly address: string;
  /** Everything of this host is below it. */
  readonly directory: string;
  /** PATH without Docker and sudo. */
  readonly systemPath: string;
  readonly authorisedKey: string;
  readonly registry: SimulatedRegistry;
  readonly account: Account;
  readonly pace: number;
  /** What is installed. */
  readonly docker: 'complete' | 'without-compose' | 'absent';
}
export interface SimulatedHost extends WorldHost {
  readonly daemon: Daemon;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A Docker host played in this process: real shell and files, real sockets, simulated containers. */
export function createSimulatedHost(options: SimulatedHostOptions): SimulatedHost {
  const { name, address, directory, account } = options;
  const path = (part: string) => join(directory, part);
  const installRoot = path('opt');
  for (const part of ['opt', 'home', 'run']) mkdirSync(path(part), { recursive: true });
  const user = account === 'root' ? 'root' : 'deploy';
  let diskFull = false;
  let powered = false;
  const daemon = createDaemon({
    address,
    registry: options.registry,
    pace: options.pace,
    takenPorts: () => [22],
    directory,
    disk: (message) => {
      if (diskFull) throw new DockerError(500, message);
    },
  });
  const shell = createShell(path('home'), () => diskFull);
  const mayUseSocket = (who: string) => who === 'root' || account === 'docker-group';
  const api = createEngineApi(daemon, name);
  const cli = createCliServer({
    daemon,
    hostName: name,
    mayUseSocket,
    composeInstalled: () => options.docker === 'complete',
    dial: (socket: Socket, first: Buffer) => {
      const target = connect(path('run/docker.sock')).on('error', () => socket.destroy());
      socket.on('error', () => target.destroy()).on('close', () => target.destroy());
      if (first.length > 0) target.write(first);
      socket.pipe(target, { end: false }); // the answer is still to come when the question ends
      target.pipe(socket);
    },
  });
  const [toApi, toCli] = [connectionsOf(api), connectionsOf(cli)];
  writeShims({
    directory: path('bin'),
    socket: path('run/cli.sock'),
    docker: options.docker !== 'absent',
    sudo: account !== 'docker-group',
  });
  const environment = (who: string) => ({
    PATH: `${path('bin')}:${options.systemPath}`,
    HOME: path('home'),
    USER: who,
    LOGNAME: who,
    SHELL: '/bin/sh',
    LANG: 'C.UTF-8',
    LAB_USER: who,
    LAB_SUDO: account === 'sudo' ? 'allowed' : 'refused',
  });
  const ssh = createSshServer({
    address,
    user,
    authorisedKey: options.authorisedKey,
    shell,
    environment: () => environment(user),
    dockerSocket: () =>
      mayUseSocket(user) && daemon.running && options.docker !== 'absent'
        ? path('run/docker.sock')
        : undefined,
  });
  const ownKey = newHostKey();
  let hostKey: HostKey = ownKey;

  const present = async (key: HostKey) => {
    hostKey = key;
    if (!powered) return;
    await ssh.unlisten();
    await ssh.listen(key.private);
  };
  const powerOff = async () => {
    powered = false;
    await ssh.unlisten();
    ssh.dropConnections();
    shell.killAll();
    daemon.halt();
    api.closeAllConnections();
  };
  const powerOn = async () => {
    powered = true;
    await ssh.listen(hostKey.private);
    await daemon.boot();
  };

  return {
    name,
    address,
    port: ssh.port,
    user,
    installRoot,
    daemon,
    get hostKey() {
      return hostKey.public;
    },
    async start() {
      await listenOn(api, path('run/docker.sock'));
      await listenOn(cli, path('run/cli.sock'));
      powered = true;
      await ssh.listen(hostKey.private);
    },
    exec: (command) => finish(shell.start(command, environment('root')).child),
    containers: () =>
      Promise.resolve(
        daemon.containers.map(({ name: container, spec, status, health, restarts }) => ({
          name: container,
          project: spec.labels[label.project] ?? '',
          service: spec.labels[label.service] ?? '',
          image: spec.imageName,
          state: status,
          health: health?.status ?? '',
          restarts,
        })),
      ),
    readFile: (file) => readFile(file, 'utf8').catch(() => undefined),
    powerOff,
    powerOn,
    swapHostKey: () => present(newHostKey()),
    restoreHostKey: () => present(ownKey),
    fillDisk: () => {
      diskFull = true;
      return Promise.resolve();
    },
    freeDisk: () => {
      diskFull = false;
      return Promise.resolve();
    },
    stopDocker: () => {
      daemon.halt();
      api.closeAllConnections();
      return Promise.resolve();
    },
    startDocker: () => daemon.boot(),
    dropConnections: () => {
      ssh.dropConnections();
      return Promise.resolve();
    },
    traffic: () => Promise.resolve({ ...ssh.traffic, commands: [...(ssh.traffic.commands ?? [])] }),
    async close() {
      await powerOff();
      await Promise.all([closeServer(api, toApi), closeServer(cli, toCli)]);
    },
  };
}

async function finish(
  child: ReturnType<ReturnType<typeof createShell>['start']>['child'],
): Promise<ShellResult> {
  child.stdin.end();
  const { stdout, stderr } = child;
  const exitCode = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 255)));
  const [out, err] = await Promise.all([buffer(stdout), buffer(stderr)]);
  return { exitCode: await exitCode, stdout: out.toString(), stderr: err.toString() };
}

function listenOn(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

/** Ends what is still connected as well: a program that was killed may leave its side half open. */
function closeServer(server: Server, connected: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of connected) socket.destroy();
  });
}

function connectionsOf(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}
