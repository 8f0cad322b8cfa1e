import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { type Container, type ContainerSpec, newContainer } from './container.ts';
import { DockerError } from './docker-error.ts';
import { createImages, type Images } from './images.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { createPortTable } from './listeners.ts';
import type { SimulatedRegistry } from './registry.ts';

/** A volume or network with compose's labels. */
export interface Named {
  readonly name: string;
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly created: Date;
}

/** The Docker daemon of one simulated host: what it has, and what can be asked of it. */
export interface Daemon {
  readonly images: Images;
  readonly containers: readonly Container[];
  readonly networks: Map<string, Named>;
  readonly volumes: Map<string, Named>;
  readonly lifecycle: Lifecycle;
  /** False: nobody answers on the socket. */
  readonly running: boolean;
  /** By name, id or a prefix of the id; the daemon's 404 otherwise. */
  container(name: string): Container;
  create(spec: ContainerSpec): Container;
  remove(container: Container, force: boolean): Promise<void>;
  make(kind: 'networks' | 'volumes', name: string, labels: Readonly<Record<string, string>>): Named;
  /** Resolves when `test` holds; looks again after every change. Rejects when `signal` aborts. */
  until(test: () => boolean, signal: AbortSignal): Promise<void>;
  /** The daemon ends and takes its containers along, as without live-restore. */
  halt(): void;
  boot(): Promise<void>;
}
export interface DaemonOptions {
  readonly address: string;
  readonly registry: SimulatedRegistry;
  readonly pace: number;
  readonly takenPorts: () => readonly number[];
  /** The host's own files are below it. A folder elsewhere is on the machine the lab runs on: it counts as there, and is never made. */
  readonly directory: string;
  /** Throws when the disk is full. */
  readonly disk: (message: string) => void;
}

/** A daemon that runs and has nothing yet. */
export function createDaemon(options: DaemonOptions): Daemon {
  const { address, registry, pace, takenPorts, disk } = options;
  const containers: Container[] = [];
  const volumes = new Map<string, Named>();
  const networks = new Map<string, Named>();
  const events = new EventEmitter().setMaxListeners(0);
  const changed = () => void events.emit('change');
  const lifecycle = createLifecycle({ ports: createPortTable(address, takenPorts), pace, changed });
  let running = true;

  const make: Daemon['make'] = (kind, name, labels) => {
    const store = kind === 'volumes' ? volumes : networks;
    const made = store.get(name) ?? {
      name,
      id: randomBytes(32).toString('hex'),
      labels,
      created: new Date(),
    };
    store.set(name, made);
    return made;
  };

  const container = (name: string): Container => {
    const bare = name.replace(/^\//, '');
    const found =
      containers.find((one) => one.name === bare || one.id === bare) ??
      containers.find((one) => bare.length > 0 && one.id.startsWith(bare));
    if (!found) throw new DockerError(404, `No such container: ${name}`);
    return found;
  };

  return {
    images: createImages(registry, disk),
    containers,
    networks,
    volumes,
    lifecycle,
    get running() {
      return running;
    },
    container,
    create(spec) {
      const other = containers.find(({ name }) => name === spec.name);
      if (other) throw new DockerError(409, nameInUse(spec.name, other.id));
      checkMounts(spec.mounts, options.directory);
      disk(`mkdir /var/lib/docker/overlay2/${randomBytes(32).toString('hex')}-init: no space left on device`);
      for (const { type, source } of spec.mounts) if (type === 'volume') make('volumes', source, {});
      const made = newContainer(spec);
      containers.unshift(made);
      changed();
      return made;
    },
    async remove(doomed, force) {
      if (doomed.status === 'running' && !force) throw new DockerError(409, stillRunning(doomed.id));
      await lifecycle.stop(doomed, 0);
      lifecycle.cut(doomed);
      const index = containers.indexOf(doomed);
      if (index >= 0) containers.splice(index, 1);
      changed();
    },
    make,
    until: (test, signal) => until(events, test, signal),
    halt() {
      running = false;
      for (const one of containers) lifecycle.cut(one);
      changed();
    },
    async boot() {
      running = true;
      for (const one of [...containers]) await comeBack(one, lifecycle);
      changed();
    },
  };
}

function checkMounts(mounts: ContainerSpec['mounts'], directory: string): void {
  for (const { type, source, target, createHostPath } of mounts) {
    const refuse = (words: string) =>
      new DockerError(400, `invalid mount config for type "${type}": ${words}`);
    if (!target.startsWith('/')) throw refuse(`invalid mount path: '${target}' mount path must be absolute`);
    if (type !== 'bind' || existsSync(source)) continue;
    if (!createHostPath) throw refuse(`bind source path does not exist: ${source}`);
    if (source.startsWith(`${directory}/`)) mkdirSync(source, { recursive: true });
  }
}

/** After the daemon is back: what ran has ended, and policies start some of it again. */
async function comeBack(container: Container, lifecycle: Lifecycle): Promise<void> {
  const ran = container.status === 'running' || container.status === 'restarting';
  if (ran) {
    container.status = 'exited';
    container.exitCode = 255;
    container.finishedAt = new Date();
  }
  const { name } = container.spec.restart;
  const again =
    (name === 'always' && container.status !== 'created') ||
    (name === 'unless-stopped' && ran && !container.stoppedByHand);
  if (again) await lifecycle.start(container).catch(() => undefined); // the reason is in container.error
}

function until(events: EventEmitter, test: () => boolean, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (!signal.aborted && !test()) return;
      events.off('change', look);
      signal.removeEventListener('abort', look);
      if (signal.aborted) reject(new DockerError(499, 'canceled'));
      else resolve();
    };
    events.on('change', look);
    signal.addEventListener('abort', look);
    look();
  });
}

const nameInUse = (name: string, id: string) =>
  `Conflict. The container name "/${name}" is already in use by container "${id}". ` +
  'You have to remove (or rename) that container to be able to reuse that name.';
const stillRunning = (id: string) =>
  `You cannot remove a running container ${id}. Stop the container before attempting removal or force remove`;
