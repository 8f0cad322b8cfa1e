/** A value of a container's environment: written in Git, or the name of a secret resolved at the last moment. */
export type EnvValue = { readonly value: string } | { readonly secret: string };

/** One thing deployed, as its definition says, defaults filled in. Holds no secret, so it may be shown and stored. */
export interface Service {
  readonly name: string;
  readonly displayName: string;
  readonly category: string;
  /** The definition's path in its repository, for messages. */
  readonly file: string;
  /** Blob-like fingerprint of everything the definition consists of (hex sha256). */
  readonly source: string;
  readonly layout: Layout;
  readonly host: string;
  /** Absolute directory on the host. */
  readonly installPath: string;
  /** Files written below `installPath`, by relative path; always has `docker-compose.yml`, never `.env`. */
  readonly files: Readonly<Record<string, string>>;
  /** Those of `files` that are programs. */
  readonly executable?: readonly string[];
  /** The `.env` file, in order. Empty means no `.env` is written. */
  readonly env: Readonly<Record<string, EnvValue>>;
  /** What the compose file runs, one entry for each compose service. */
  readonly containers: readonly Container[];
  readonly checks: Checks;
  /** Other services that must be up first. */
  readonly dependsOn: readonly string[];
}
export type Layout = 'fleet' | 'single';

/** What a compose service asks for, as far as plans and risks need it. */
export interface Container {
  /** The compose service's name. */
  readonly name: string;
  readonly image: string;
  readonly ports: readonly PublishedPort[];
  /** Named volumes it mounts. */
  readonly volumes: readonly string[];
  /** Host paths it mounts. */
  readonly binds: readonly string[];
  readonly privileged: boolean;
  /** True for a compose health check or one the definition turns into it. */
  readonly healthcheck: boolean;
}
export interface PublishedPort {
  readonly host: number;
  readonly container: number;
  readonly protocol: 'tcp' | 'udp';
  /** Address it binds to, when not all of them. */
  readonly address?: string;
}

/** How verify knows that a service works. Durations in seconds. */
export interface Checks {
  /** A TCP port of the host that must accept connections. */
  readonly port: number | null;
  readonly http: { readonly port: number; readonly path: string; readonly expect: readonly number[] } | null;
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  /** How long containers without a health check must stay up. */
  readonly settle: number;
}

/** Where things run. Secrets appear by name only. From `sentinel.yml`. */
export interface Inventory {
  readonly domain: string | null;
  readonly hosts: Readonly<Record<string, HostEntry>>;
  /** False: a failed verify leaves the new release running. */
  readonly automaticRollback: boolean;
  /** Hex sha256 of the file, so that a plan notices when it changed. */
  readonly source: string;
}
export interface HostEntry {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Name of the private key among the keys the operator configured. */
  readonly key: string;
  /** `ssh-ed25519 AAAA…` lines the host may present; empty: only the operator's known_hosts counts. */
  readonly hostKeys: readonly string[];
  /** Directory new services are installed below. */
  readonly installRoot: string;
  readonly docker: { readonly command: string; readonly socket: string };
}

/** All services of one repository at one commit, with the hosts they run on. */
export interface Fleet {
  readonly repository: string;
  readonly environment: string;
  readonly revision: string;
  readonly services: readonly Service[];
  readonly inventory: Inventory;
}
