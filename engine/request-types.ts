import type { Plan } from './types.ts';

export interface Actor {
  /** `discord:<user id>`, `cli:<login>`, `ci:<login>` or `sentinel`. */
  readonly id: string;
  readonly name: string;
  /** Role ids as the front end gives them. */
  readonly roles: readonly string[];
}
export type Capability = 'view' | 'deploy' | 'approve' | 'rollback' | 'administer';

/** Who makes a change true: this engine, or the project's own pipeline. */
export type DeployRoute = 'engine' | 'pipeline';

/** What a person asked for. */
export type Request = {
  readonly environment?: string;
  readonly reason?: string;
  readonly route?: DeployRoute;
} & (
  | {
      readonly kind: 'deploy';
      readonly service: string;
      readonly revision?: string;
      readonly version?: string;
      readonly deleteVolumes?: boolean;
    }
  | { readonly kind: 'rollback'; readonly service: string; readonly release?: string }
  | { readonly kind: 'unwind'; readonly deployment: string }
  /** Makes Git say what the systems around a service have now. */
  | { readonly kind: 'keep'; readonly service: string }
  /** A pipeline nobody asked for here, such as that of a push: followed to its end. */
  | { readonly kind: 'pipeline'; readonly repository: string; readonly pipeline: number }
  /** A manual job that waits. `deployment` is the one that follows its pipeline. */
  | {
      readonly kind: 'gate';
      readonly repository: string;
      readonly pipeline: number;
      readonly job: { readonly id: number; readonly name: string };
      readonly deployment: string;
    }
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
  /** Where the draft is shown while it waits, in repositories whose changes are merged. */
  readonly offer: Offer | null;
}

/** A merge request. */
export interface Offer {
  /** `!12` */
  readonly label: string;
  readonly url: string;
}

export interface Draft {
  readonly commit: string;
  readonly base: string;
  readonly branch: string;
}

export type Outcome = 'succeeded' | 'degraded' | 'rolled-back' | 'failed' | 'needs-attention' | 'cancelled';
