import type { Watcher } from './events.ts';
import type { Clock, Hosts, Log, Probe, Secrets, Source } from './ports.ts';
import type { Notifier } from './notify/index.ts';
import type { SystemClients } from './system-ports/index.ts';
import type { Store } from './storage.ts';
import type { Problem } from './problems.ts';
import type { Statistics } from './statistics.ts';
import type {
  Actor,
  ApprovalRule,
  Capability,
  DeploymentRecord,
  Proposal,
  Release,
  Request,
  Result,
  ServiceStatus,
} from './types.ts';

/** Who may do what. From `bot.yml`; never from the services repository. */
export interface Access {
  readonly grants: readonly Grant[];
}
export interface Grant {
  readonly role: string;
  readonly capabilities: readonly Capability[];
  /** Empty: every environment. */
  readonly environments: readonly string[];
}

/** The approval policy; the first rule that matches wins, then `fallback`. */
export interface ApprovalPolicy {
  readonly rules: readonly (PolicyTerms & {
    readonly environments: readonly string[];
    readonly categories: readonly string[];
  })[];
  readonly fallback: PolicyTerms;
}
export type PolicyTerms = Omit<ApprovalRule, 'reasons'>;

export interface ServiceSummary {
  readonly name: string;
  readonly displayName: string;
  readonly category: string;
  readonly host: string;
  readonly repository: string;
  /** Nobody wants to be told when Watchtower updated it. */
  readonly silentUpdates?: true;
  /** What its containers are called on the host, where the compose file says so. */
  readonly containers?: readonly string[];
}

export interface FleetStatus {
  readonly environment: string;
  readonly revision: string;
  readonly services: readonly ServiceStatus[];
  readonly problems: readonly Problem[];
  readonly pending: readonly Proposal[];
  readonly running: readonly DeploymentRecord[];
  /** Interrupted, or ended in `needs-attention` with nothing good since. */
  readonly attention: readonly DeploymentRecord[];
  /** Last five of the service, newest first; empty for the whole fleet. */
  readonly history: readonly DeploymentRecord[];
  /** Of the last thirty days; of the service where one was asked for. */
  readonly statistics: Statistics;
}

/** What happened to a vote or a start. */
export type Decision =
  | { readonly kind: 'recorded'; readonly proposal: Proposal; readonly missing: number }
  | { readonly kind: 'started'; readonly proposal: Proposal; readonly deployment: string }
  | { readonly kind: 'rejected'; readonly proposal: Proposal }
  /** The world moved; `moved` says what, `next` is the new plan, ready to be shown. */
  | {
      readonly kind: 'stale';
      readonly proposal: Proposal;
      readonly moved: readonly string[];
      readonly next: Result<Proposal>;
    };

/**
 * The engine as front ends see it. Every method checks the actor's capabilities itself and records refusals;
 * nothing but programming errors is thrown.
 */
export interface Engine {
  /** From memory, for autocomplete; refreshed by every call that reads Git. */
  services(): readonly ServiceSummary[];
  environments(): readonly string[];
  /** Reads the definitions of every repository again; what cannot be read is logged and keeps its last known services. */
  refresh(signal: AbortSignal): Promise<void>;
  /** Reads Git and every system, changes nothing. A plan without steps is a proven "nothing to do". */
  propose(request: Request, actor: Actor, signal: AbortSignal): Promise<Result<Proposal>>;
  /** `open` → `pending`: asks the approvers. Opens the merge request where changes are merged. */
  requestApproval(proposal: string, actor: Actor, signal: AbortSignal): Promise<Result<Proposal>>;
  /** Runs an `open` proposal that needs nobody's approval. Returns once it has started. */
  start(proposal: string, actor: Actor, signal: AbortSignal): Promise<Result<Decision>>;
  /** Counts a vote; the one that completes the quorum starts the deployment. */
  vote(
    proposal: string,
    actor: Actor,
    vote: { readonly verdict: 'approve' | 'reject'; readonly reason: string | null },
    signal: AbortSignal,
  ): Promise<Result<Decision>>;
  abort(deployment: string, actor: Actor): Result<DeploymentRecord>;
  status(
    query: { readonly service?: string; readonly environment?: string },
    actor: Actor,
    signal: AbortSignal,
  ): Promise<Result<FleetStatus>>;
  /** Releases kept on the host, newest first. */
  releases(
    service: string,
    environment: string | undefined,
    signal: AbortSignal,
  ): Promise<Result<readonly Release[]>>;
  proposal(id: string): Proposal | undefined;
  pending(): readonly Proposal[];
  deployment(id: string): DeploymentRecord | undefined;
  /** Checks a capability for a front end's own actions; a refusal is recorded. */
  authorise(
    actor: Actor,
    capability: Capability,
    environment: string | undefined,
    action: string,
  ): Problem | null;
  /**
   * At start-up: marks what was cut off as interrupted and returns it. Starts nothing, but goes on following pipelines,
   * which went on by themselves.
   */
  recover(): readonly DeploymentRecord[];
  /** The forge told of a pipeline: it is looked at now instead of at the next round. `project` as the forge has it: id or path. */
  pipelineNews(news: { readonly project: string; readonly pipeline: number }): void;
  /** A round: looks for pipelines nobody told of. */
  lookForPipelines(signal: AbortSignal): Promise<void>;
  /** Moves requests past their time to `expired` and returns them. */
  expire(): readonly Proposal[];
  watch(watcher: Watcher): void;
  /** Resolves with the record once the deployment is finished. */
  finished(deployment: string): Promise<DeploymentRecord>;
  /** Lets running deployments end, up to `ms`; then aborts them, which unwinds. */
  stop(ms: number): Promise<void>;
}

/** Everything the engine is built from; only a composition root makes one. */
export interface EngineOptions {
  readonly store: Store;
  readonly sources: readonly Source[];
  readonly hosts: Hosts;
  /** Those that hold in every environment; redacts what any environment has. */
  readonly secrets: Secrets;
  /** The secrets as they are in one environment now; what is answered does not change any more. Default: `secrets`. */
  readonly secretsFor?: (environment: string, signal: AbortSignal) => Promise<Secrets>;
  /** Adapters that log in with the secrets of an environment. Default: `systems`. */
  readonly systemsFor?: (environment: string) => SystemClients;
  readonly probe: Probe;
  readonly systems: SystemClients;
  /** Tells other places than the channel how deployments ended. */
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly log: Log;
  readonly access: Access;
  readonly approvals: ApprovalPolicy;
  /** The first is the default. */
  readonly environments: readonly string[];
  /** Who a forge's login belongs to here: `discord:<user id>`. Whoever is not listed acts as `gitlab:<login>`. */
  readonly people: Readonly<Record<string, string>>;
  readonly pace: PipelinePace;
}
/** How patiently pipelines are followed, in milliseconds. */
export interface PipelinePace {
  /** Between two looks at a pipeline nobody told about. */
  readonly lookMs: number;
  /** How long one may take to appear after its commit. */
  readonly appearMs: number;
}
