import type { EnvValue, Checks } from './definition-types.ts';
import type { Problem } from './problems.ts';
import type { Actor, Outcome, Request } from './request-types.ts';
import type { ImageState, SideStage, StageState } from './state-types.ts';

export type * from './definition-types.ts';
export type * from './request-types.ts';
export type * from './state-types.ts';
export type * from './system-types.ts';

/** What a commit did to a service. */
export type ChangeAction = 'add' | 'modify' | 'delete';

export type StageName = keyof StageState;

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
  | 'conflict'
  | 'system-missing'
  | 'system-left'
  | 'system-unasked'
  | 'sign-on-removed'
  | 'watchtower'
  | 'plan-unknown'
  | 'pipeline-changed'
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
  /** sha256 over the canonical JSON of everything above except `diff`, `downtime` and the services’ proofs. */
  readonly digest: string;
}

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
  /** The systems around it, in the order of the stages; only those the service has something on. */
  readonly systems: readonly SystemStatus[];
}
/** What one system has for a service, against Git. */
export interface SystemStatus {
  readonly stage: SideStage;
  readonly light: Light;
  /** What *Put back* would change. */
  readonly drift: readonly Drift[];
}
export interface Drift {
  readonly kind: 'missing' | 'different' | 'extra';
  readonly target: string;
  readonly changes: readonly ShownChange[];
  /** Whether *Keep* can make Git say what is there. */
  readonly adoptable: boolean;
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
