import type { Systems } from './system-types.ts';

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
  /** What the systems around it shall do for it; null: nothing. */
  readonly route: Route | null;
  readonly record: WantedRecord | null;
  readonly signOn: SignOn | null;
  readonly tile: Tile | null;
  /** Whether Watchtower may update it. */
  readonly watchtower: boolean;
  /** Nobody wants to be told when it did. */
  readonly silentUpdates?: true;
  readonly notify: NotifyWish;
}

/** Its route through the reverse proxy. */
export interface Route {
  /** Full, in lower case. */
  readonly hostname: string;
  readonly entryPoints: readonly string[];
  /** Null: plain HTTP. */
  readonly tls: { readonly certResolver: string | null } | null;
  /** Names, in order, without the one for signing on. */
  readonly middlewares: readonly string[];
  readonly headers: {
    /** `true` forbids to show it in a frame, `false` allows it, null leaves it to the proxy. */
    readonly frameDeny: boolean | null;
    readonly stsSeconds: number | null;
    readonly contentTypeNosniff: boolean | null;
    readonly custom: Readonly<Record<string, string>>;
  };
  /** `http://192.168.40.13:3030` */
  readonly backend: string;
  /** How the proxy itself tells whether the backend lives; null: it does not ask. */
  readonly healthCheck: { readonly path: string; readonly interval: number; readonly timeout: number } | null;
  /** Middleware of the proxy that asks the sign-on; null: one is written beside the route. */
  readonly signOnMiddleware: string | null;
}
/** Its address record. */
export interface WantedRecord {
  /** Full, in lower case. */
  readonly name: string;
  readonly address: string;
}
/** How people sign on to it. */
export interface SignOn {
  readonly method: 'forward_auth' | 'forward_domain' | 'proxy' | 'oidc';
  readonly name: string;
  readonly slug: string;
  readonly group: string;
  readonly icon: string;
  /** Where a person who signed on is led to. */
  readonly launchUrl: string;
  /** Where Authentik passes requests on with `proxy`. */
  readonly backend: string | null;
  readonly skipPaths: readonly string[];
  /** Only with `oidc`; `clientSecret` is the name of a secret. */
  readonly oidc: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly redirectUris: readonly string[];
  } | null;
}
/** Its places on the dashboard. */
export interface Tile {
  /** Name of the page, or its slug; null: the first one. */
  readonly page: string | null;
  readonly bookmark: {
    readonly group: string;
    readonly title: string;
    readonly url: string;
    readonly description: string | null;
    readonly icon: string | null;
  } | null;
  readonly monitor: {
    /** Title of the widget, or its type. */
    readonly widget: string;
    readonly title: string;
    readonly url: string;
    /** What the dashboard asks, past any login. */
    readonly checkUrl: string;
    /** Status codes besides 200 that mean healthy. */
    readonly alsoHealthy: readonly number[];
    readonly icon: string | null;
  } | null;
}
/** Where its deployments are told. */
export interface NotifyWish {
  readonly discord: boolean;
  /** Null: not told there. A topic of its own, or that of sentinel.yml. */
  readonly ntfy: { readonly topic: string | null } | null;
}
export type Layout = 'fleet' | 'single';

/** What a compose service asks for, as far as plans and risks need it. */
export interface Container {
  /** The compose service's name. */
  readonly name: string;
  /** What it is called on its host, where the compose file says so. */
  readonly containerName?: string;
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
  readonly systems: Systems;
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
