import type { Problem } from './problems.ts';

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

/** What a commit did to a service. */
export type ChangeAction = 'add' | 'modify' | 'delete';

/** What each stage can make true. `null` in a step means absent. */
export interface StageState {
  deploy: DeployState;
  verify: VerifyState;
}
export type StageName = keyof StageState;

/** One compose project on one host. */
export interface DeployState {
  readonly host: string;
  readonly path: string;
  /** The release on the host that holds these files; null where the deployment itself will name it. */
  readonly release: string | null;
  /** Relative path → hex sha256, with `+x` behind it for a program. Never holds `.env`. */
  readonly files: Readonly<Record<string, string>>;
  /** How the `.env` on the host compares with what the definition and its secrets give; its content is never kept. */
  readonly env: 'current' | 'differs' | 'absent';
  /** Compose service → image. `digest` is the registry's, null where nobody could tell. */
  readonly images: Readonly<Record<string, ImageState>>;
  /** Compose service → state, for example `running`, `exited`, `missing`. */
  readonly containers: Readonly<Record<string, string>>;
  /** Checks of that release; null where no record tells. */
  readonly checks: Checks | null;
  /** The commit it came from, where known. */
  readonly revision: string | null;
  /** True only in a wanted state that deletes the named volumes too. Cannot be undone. */
  readonly deleteVolumes?: boolean;
}
export interface ImageState {
  readonly reference: string;
  readonly digest: string | null;
}
export interface VerifyState {
  readonly host: string;
  readonly checks: Checks;
  readonly containers: readonly string[];
}

export type StepOf<S extends StageName> = {
  [K in S]: {
    /** Unique in its plan, for example `1 deploy grafana`. */
    readonly id: string;
    readonly stage: K;
    readonly service: string;
    /** The system it touches, for batching and for people: a host, a DNS server. */
    readonly system: string;
    /** What a person would call the thing made true. */
    readonly target: string;
    /** Why it is in the plan. */
    readonly cause: string;
    /** `before → after` in words, one line for each thing that changes. */
    readonly changes: readonly ShownChange[];
    readonly before: StageState[K] | null;
    readonly after: StageState[K] | null;
    /** Where undoing leads instead of `before`: what was there was never verified, and this was. */
    readonly fallback?: StageState[K];
    /** Why this cannot be put back, where it cannot. */
    readonly irreversible?: string;
  };
}[S];
export type Step = StepOf<StageName>;
export interface ShownChange {
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Something a person should know before saying yes. */
export interface Risk {
  readonly code: RiskCode;
  readonly service: string;
  readonly message: string;
  /** House rule: someone else must agree, whatever the policy says. */
  readonly alwaysApprove: boolean;
}
export type RiskCode =
  | 'latest-tag'
  | 'image-moved'
  | 'volume-lost'
  | 'privileged'
  | 'docker-socket'
  | 'host-root'
  | 'host-network'
  | 'outside-install-root'
  | 'moves'
  | 'port-taken'
  | 'removal'
  | 'irreversible'
  | 'off-branch'
  | 'inventory-changed'
  | 'registry-unreachable'
  | 'unmanaged-files';

export interface PlannedService {
  readonly name: string;
  readonly displayName: string;
  readonly category: string;
  readonly host: string;
  readonly action: ChangeAction | 'none' | 'rollback';
  readonly dependsOn: readonly string[];
  /** For a service with nothing to do: what was compared and found equal. */
  readonly proof: readonly string[];
}

/** Ordered steps plus a digest. What was approved is what runs. */
export interface Plan {
  readonly repository: string;
  readonly environment: string;
  /** The commit it was made for. */
  readonly revision: string;
  readonly services: readonly PlannedService[];
  readonly steps: readonly Step[];
  readonly risks: readonly Risk[];
  /** Estimated seconds in which something does not answer. */
  readonly downtime: number;
  /** Unified diff of the files, for people; values of secrets are never in it. */
  readonly diff: string;
  /** sha256 over the canonical JSON of everything above except `diff` and `downtime`. */
  readonly digest: string;
}

export interface Actor {
  /** `discord:<user id>`, `cli:<login>`, `ci:<login>` or `sentinel`. */
  readonly id: string;
  readonly name: string;
  /** Role ids as the front end gives them. */
  readonly roles: readonly string[];
}
export type Capability = 'view' | 'deploy' | 'approve' | 'rollback' | 'administer';

/** What a person asked for. */
export type Request = { readonly environment?: string; readonly reason?: string } & (
  | {
      readonly kind: 'deploy';
      readonly service: string;
      readonly revision?: string;
      readonly version?: string;
      readonly deleteVolumes?: boolean;
    }
  | { readonly kind: 'rollback'; readonly service: string; readonly release?: string }
  | { readonly kind: 'unwind'; readonly deployment: string }
);

/** Why and by whom a plan must be agreed to. `required` 0 runs without asking. */
export interface ApprovalRule {
  readonly required: number;
  readonly selfApproval: boolean;
  readonly expiresSeconds: number;
  /** Role ids of which an approver must have one; empty: the `approve` capability is enough. */
  readonly roles: readonly string[];
  readonly reasons: readonly string[];
}
export type ProposalState =
  | 'open' // shown, nobody asked for anything yet
  | 'pending' // waits for approvals
  | 'running'
  | 'done'
  | 'rejected'
  | 'expired'
  | 'stale';
export interface Vote {
  readonly by: Actor;
  readonly verdict: 'approve' | 'reject';
  readonly reason: string | null;
  readonly at: string;
}
/** A plan a person was shown, and what became of it. */
export interface Proposal {
  readonly id: string;
  readonly request: Request;
  readonly plan: Plan;
  readonly rule: ApprovalRule;
  readonly requestedBy: Actor;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly state: ProposalState;
  readonly votes: readonly Vote[];
  /** Set once it runs. */
  readonly deployment: string | null;
  /** The commit made for this request on top of `base`, still unpublished; pushed to `branch` when the proposal runs. */
  readonly draft: Draft | null;
}

export interface Draft {
  readonly commit: string;
  readonly base: string;
  readonly branch: string;
}

export type Outcome = 'succeeded' | 'degraded' | 'rolled-back' | 'failed' | 'needs-attention' | 'cancelled';

/** Where a deployment is, folded from its events. */
export interface DeploymentRecord {
  readonly id: string;
  readonly proposal: string | null;
  readonly plan: Plan;
  readonly request: Request;
  readonly actor: Actor;
  readonly approvedBy: readonly string[];
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly outcome: Outcome | 'interrupted' | null;
}

/** What one deployment put on a host. Stored there as `release.json`; holds references, never secrets. */
export interface Release {
  readonly id: string;
  readonly service: string;
  readonly revision: string | null;
  readonly deployment: string | null;
  readonly createdAt: string;
  readonly files: Readonly<Record<string, string>>;
  /** Names of the variables in its `.env`, with the secret each came from. */
  readonly env: Readonly<Record<string, EnvValue>>;
  /** `id` is the local image id, to find the image again after its tag moved. */
  readonly images: Readonly<Record<string, ImageState & { readonly id: string | null }>>;
  readonly checks: Checks | null;
  readonly verifiedAt: string | null;
}

/** The three lights of `/status`, for one service. */
export interface ServiceStatus {
  readonly service: string;
  readonly displayName: string;
  readonly category: string;
  readonly host: string;
  /** Files, environment and image on the host against Git. */
  readonly desired: Light;
  /** Containers that run against what was put there. */
  readonly running: Light;
  readonly health: Light;
  readonly containers: readonly ContainerStatus[];
  readonly release: Release | null;
  readonly url: string | null;
}
export interface Light {
  readonly state: 'good' | 'bad' | 'unknown' | 'none';
  /** A few words: `matches Git`, `image differs`, `2 of 3 running`. */
  readonly text: string;
}
export interface ContainerStatus {
  readonly name: string;
  readonly container: string;
  readonly image: string;
  readonly digest: string | null;
  readonly state: string;
  readonly health: string;
  readonly restarts: number;
  readonly startedAt: string | null;
}

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] };
