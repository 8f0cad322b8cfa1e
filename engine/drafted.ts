import type { PlanFrame } from './planner.ts';
import type { Source } from './ports.ts';
import type { Problem } from './problems.ts';
import type { Actor, DeployRoute, Draft, Request, Result } from './types.ts';

/** A request turned into what a plan is made for. */
export interface Drafted {
  readonly source: Source;
  readonly frame: PlanFrame;
  readonly draft: Draft | null;
  /** Unified diff of the draft, where the plan itself does not show what it changes. */
  readonly gitDiff?: string;
  /** Git's server did not answer, so what it said last was read. */
  readonly offline?: boolean;
  /** Who does the work; not known before it is asked for. */
  readonly route?: DeployRoute;
}
export interface DraftInput<R extends Request = Request> {
  readonly request: R;
  readonly environment: string;
  readonly actor: Actor;
  /** The draft of the proposal that is planned again; used again when its base still is the branch's head. */
  readonly existing: Draft | null;
}

export function fail(...problems: readonly Problem[]): Result<never> {
  return { ok: false, problems };
}
