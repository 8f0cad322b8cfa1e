import type { HostEntry, Release } from '../../types.ts';

/** What a host was seen to be, at one moment. Holds hashes of secrets, so it stays in memory. */
export interface HostObservation {
  readonly entry: HostEntry;
  /** Least free space of the file systems a deployment writes to; null where nobody could tell. */
  readonly freeKilobytes: number | null;
  /** What Docker said when asked for its Compose plug-in and it had none. */
  readonly noCompose: string | null;
  readonly listeners: readonly Listener[];
  readonly containers: readonly FoundContainer[];
  /** By reference as written in compose files, and by image id. */
  readonly images: ReadonlyMap<string, LocalImage>;
  readonly registry: ReadonlyMap<string, RegistryAnswer>;
  /** By install path. */
  readonly places: ReadonlyMap<string, Place>;
}

/** One install directory. */
export interface Place {
  readonly path: string;
  /** Relative path → hex sha256, of the files that exist. Never holds `.env`. */
  readonly files: Readonly<Record<string, string>>;
  readonly envHash: string | null;
  /** Others than its owner may read or write the `.env`. */
  readonly envIsLoose: boolean;
  /** sha256 of the `.env` kept in the current release. */
  readonly releasedEnvHash: string | null;
  readonly current: string | null;
  /** A deployment that was begun here and did not finish. */
  readonly applying: { readonly release: string; readonly previous: string | null } | null;
  readonly releases: readonly Release[];
  /** Compose files a person's own `docker compose up` would read here. */
  readonly composeFiles: readonly string[];
}

export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  /** `*` for all addresses. */
  readonly address: string;
  readonly port: number;
}

export interface FoundContainer {
  readonly id: string;
  readonly name: string;
  readonly project: string | null;
  readonly service: string | null;
  readonly image: string;
  readonly imageId: string;
  readonly state: string;
  /** Docker's words, for example `Exited (0) 3 minutes ago`. */
  readonly status: string;
  readonly ports: readonly Listener[];
  /** Names of the volumes it mounts, anonymous ones left out. */
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface LocalImage {
  readonly id: string;
  /** Digests under which registries know it. */
  readonly digests: readonly string[];
}

export type RegistryAnswer =
  | { readonly kind: 'digest'; readonly digest: string }
  /** It exists, but only the host's own login may look at it. */
  | { readonly kind: 'private' }
  | { readonly kind: 'missing'; readonly message: string }
  | { readonly kind: 'silent'; readonly message: string };

export const nowhere = (path: string): Place => ({
  path,
  files: {},
  envHash: null,
  envIsLoose: false,
  releasedEnvHash: null,
  current: null,
  applying: null,
  releases: [],
  composeFiles: [],
});
