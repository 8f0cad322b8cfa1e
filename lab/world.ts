/**
 * The machines a scenario plays on: simulated ones in this process, or real sshd and Docker Engines.
 * Whatever a scenario needs of them is here, so that one suite runs on both.
 */
export interface World {
  readonly kind: 'simulated' | 'real';
  readonly hosts: readonly WorldHost[];
  readonly registry: WorldRegistry;
  /** The private key every host accepts. */
  readonly key: { readonly file: string; readonly public: string };
  /** Ends everything the world started and removes its files. */
  close(): Promise<void>;
}

/** One machine with Docker, reached by SSH. Published ports answer on `address`. */
export interface WorldHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** The key the host shows now, as `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  /** Where services are installed below; `/opt` on a real host. */
  readonly installRoot: string;
  /** Runs a shell command on the host without SSH, for assertions and preparation. */
  exec(shell: string): Promise<ShellResult>;
  /** What Docker runs, whoever started it. */
  containers(): Promise<readonly WorldContainer[]>;
  /** Text of a file, or undefined when it does not exist. */
  readFile(path: string): Promise<string | undefined>;
  /** A power cut: connections break, programs are gone, the disk stays. */
  powerOff(): Promise<void>;
  /** Boots again; restart policies are applied. */
  powerOn(): Promise<void>;
  /** From now on the host shows another key; connections that are open stay open. */
  swapHostKey(): Promise<void>;
  restoreHostKey(): Promise<void>;
  fillDisk(): Promise<void>;
  freeDisk(): Promise<void>;
  stopDocker(): Promise<void>;
  startDocker(): Promise<void>;
  /** Cuts every open SSH connection; the host goes on. */
  dropConnections(): Promise<void>;
  /** What SSH clients did since the host was made. */
  traffic(): Promise<Traffic>;
}
export interface ShellResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
export interface WorldContainer {
  readonly name: string;
  readonly project: string;
  readonly service: string;
  readonly image: string;
  readonly state: string;
  readonly health: string;
  readonly restarts: number;
}
export interface Traffic {
  /** SSH connections that logged in. */
  readonly connections: number;
  /** Session channels opened in all; null where it cannot be seen. */
  readonly channels: number | null;
  /** Most session channels open at one time on one connection; null where it cannot be seen. */
  readonly channelsAtOnce: number | null;
  /** Command lines of the session channels, oldest first; null where they cannot be seen. */
  readonly commands: readonly string[] | null;
}

/** The registry the hosts pull from. */
export interface WorldRegistry {
  /** Full reference of a lab image: `web:1` → `registry.lab:5000/web:1`. */
  image(name: string): string;
  /** Makes an image; an existing tag moves to it. Names without a slash are the lab's; only the simulated world has other registries. */
  publish(name: string, behaviour: Behaviour): Promise<Published>;
  /** `moveTag('web:1', 'web:2')`: web:1 now means what web:2 means. */
  moveTag(name: string, to: string): Promise<void>;
  /** From now on nobody can pull it. */
  remove(name: string): Promise<void>;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
}
export interface Published {
  /** `registry.lab:5000/web:1` */
  readonly image: string;
  /** `sha256:…`, the digest of the manifest. */
  readonly digest: string;
}

/** What a container of an image does, in both worlds. */
export interface Behaviour {
  /** Body of every answer on port 80. Without it nothing listens. */
  readonly page?: string;
  /** Milliseconds before it listens. */
  readonly startsAfter?: number;
  /** The image's own health check. */
  readonly health?: 'passes' | 'fails';
  /** It ends by itself. */
  readonly exit?: { readonly code: number; readonly after: number };
  /** Printed when it starts. */
  readonly log?: string;
  /** Prints its environment when it starts. */
  readonly printsEnvironment?: boolean;
  /** Takes the whole grace period to stop, as programs do that do not listen to SIGTERM; others stop at once. */
  readonly stopsLate?: boolean;
}

/** The images every world has from the start. */
export const standardImages: Readonly<Record<string, Behaviour>> = {
  'web:1': { page: 'web 1' },
  'web:2': { page: 'web 2' },
  'well:1': { page: 'well', health: 'passes' },
  'sick:1': { page: 'sick', health: 'fails' },
  'crash:1': { exit: { code: 3, after: 0 }, log: 'crashing' },
  'slow:1': { page: 'slow', startsAfter: 1500 },
  'teller:1': { page: 'teller', printsEnvironment: true },
};

/** Short name of the lab's registry in image references. */
export const registryName = 'registry.lab:5000';

/** Full reference of an image; a name without a slash belongs to the lab's registry, others are taken as they are. */
export function labImage(name: string): string {
  return name.includes('/') ? name : `${registryName}/${name}`;
}
