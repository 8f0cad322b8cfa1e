import type { DeploymentEvent } from './events.ts';
import type { Held } from './holdings/held.ts';
import type { DeploymentFigures } from './statistics.ts';
import type { Owned } from './ports.ts';
import type { Actor, DeploymentRecord, Offer, Plan, Proposal, ProposalState, Vote } from './types.ts';

/** The write-ahead journal. Synchronous: when `append` returns, the event is on disk; it throws when it is not. */
export interface Journal {
  append(event: DeploymentEvent): void;
  events(deployment: string, afterSeq?: number): readonly DeploymentEvent[];
}
export interface Deployments {
  get(id: string): DeploymentRecord | undefined;
  /** Newest first. Pipelines nobody asked for here are among them where they deployed it. */
  ofService(service: string, limit: number): readonly DeploymentRecord[];
  /** Started and not finished. */
  unfinished(): readonly DeploymentRecord[];
  recent(limit: number): readonly DeploymentRecord[];
  /**
   * The newest of that repository in that environment that succeeded, in full or in part, and that somebody agreed to
   * here. Before the first such one: the oldest of those a pipeline did by itself.
   */
  lastGood(repository: string, environment: string): DeploymentRecord | undefined;
  /** How those of an environment, or of one service there, went in the days before now. */
  figures(of: {
    readonly environment: string;
    readonly service: string | null;
    readonly now: Date;
    readonly days: number;
  }): DeploymentFigures;
  /** The one that follows that pipeline, or followed it. */
  ofPipeline(repository: string, pipeline: number): DeploymentRecord | undefined;
}
/** What earlier deployments left on the systems around a service. */
export interface Holdings {
  of(service: string, environment: string): Owned;
  /** Of all services. */
  all(environment: string): Owned;
  /** What a host keeps of a service, and what our own deployments did to it since that was written. */
  readonly since: (held: Held) => Owned;
}
export interface Proposals {
  create(proposal: Proposal): void;
  get(id: string): Proposal | undefined;
  /** In state `pending`, oldest first. */
  pending(): readonly Proposal[];
  /** Compare-and-set in one transaction: false when the state was not one of `from`. */
  move(
    id: string,
    from: readonly ProposalState[],
    to: ProposalState,
    set?: { readonly deployment?: string; readonly expiresAt?: string; readonly offer?: Offer },
  ): boolean;
  /** One vote a person; false when they voted before. */
  vote(id: string, vote: Vote): boolean;
  /** A plan from a file, looked at as closely as one that was stored here; null where it is none. */
  readPlan(value: unknown): Plan | null;
}
export interface Locks {
  /** All or none, one transaction; answers who holds the first that is taken. A lock whose heartbeat is older than `staleSeconds` is free. */
  acquire(
    keys: readonly string[],
    holder: LockHolder,
    staleSeconds: number,
  ):
    | { readonly held: true }
    | { readonly held: false; readonly key: string; readonly by: LockHolder & { readonly since: string } };
  /** False when the holder has lost its locks to somebody else. */
  beat(holder: string): boolean;
  release(holder: string): void;
  all(): readonly (LockHolder & { readonly key: string; readonly since: string; readonly beatAt: string })[];
}
export interface LockHolder {
  /** Deployment id, or `bot:<pid>`. */
  readonly id: string;
  readonly who: string;
  readonly reason: string;
}
/** Append-only and hash-chained. */
export interface Audit {
  append(entry: AuditEntry): void;
}
export interface AuditEntry {
  readonly actor: Actor;
  /** `denied`, `proposed`, `approved`, `rejected`, `deployment-started`, … */
  readonly action: string;
  readonly proposal?: string | null;
  readonly deployment?: string | null;
  /** Small JSON; references only. */
  readonly detail: unknown;
}
export interface Store {
  /** All writes of `work` in one transaction: all of them are kept, or none. */
  atomically<T>(work: () => T): T;
  readonly journal: Journal;
  readonly deployments: Deployments;
  readonly holdings: Holdings;
  readonly proposals: Proposals;
  readonly locks: Locks;
  readonly audit: Audit;
}
