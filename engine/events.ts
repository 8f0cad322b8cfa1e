import type { JobState, PipelineSummary } from './forge-port.ts';
import type { Problem } from './problems.ts';
import type { Actor, Outcome, Plan, Request, Step } from './types.ts';

/** One line of a deployment's story. The journal holds all of them; everything shown is folded from them. */
export type DeploymentEvent = {
  readonly deployment: string;
  readonly seq: number;
  readonly at: string;
} & Happening;
export type Happening =
  | {
      readonly type: 'started';
      readonly plan: Plan;
      readonly proposal: string | null;
      readonly request: Request;
      readonly actor: Actor;
      readonly approvedBy: readonly string[];
    }
  | { readonly type: 'step-started'; readonly step: string; readonly phase: Phase }
  /** `did` tells in a few words what was done: `pulled web:2, recreated 1 container`. */
  | {
      readonly type: 'step-done';
      readonly step: string;
      readonly phase: Phase;
      readonly did: readonly string[];
    }
  | {
      readonly type: 'step-failed';
      readonly step: string;
      readonly phase: Phase;
      readonly problem: Problem;
      /** False: nothing on the system was changed. Older records do not tell. */
      readonly touched?: boolean;
    }
  | { readonly type: 'step-skipped'; readonly step: string; readonly phase: Phase; readonly because: string }
  /** From here the service's finished and half-finished steps are undone; `steps` are the swapped ones. */
  | {
      readonly type: 'unwinding';
      readonly service: string;
      readonly steps: readonly Step[];
      readonly because: Problem;
    }
  | { readonly type: 'abort-requested'; readonly actor: Actor }
  /** What the deployment did in Git: published the request's commit, or took it back after an unwind. */
  | {
      readonly type: 'git';
      /** `pushing` is written before the commit leaves; after a crash it tells where to look. */
      readonly action: 'pushing' | 'pushed' | 'reverted';
      readonly commit: string | null;
      readonly branch: string;
      readonly problem: Problem | null;
      /** The merge request or the commit on the server. */
      readonly url?: string | null;
    }
  /** The pipeline that does the work: once it is found, and each time its status is another one. */
  | { readonly type: 'pipeline'; readonly pipeline: PipelineSummary }
  /** A job of it, each time its status is another one. `log` is the end of what a failed one said, secrets replaced. */
  | { readonly type: 'job'; readonly job: JobState; readonly log: string | null }
  /** A manual job waits for approval: in request `proposal`, or, null, in what was agreed to already. */
  | {
      readonly type: 'gate';
      readonly job: { readonly id: number; readonly name: string };
      readonly proposal: string | null;
    }
  /** Sentinel let a manual job run, because these people agreed. */
  | {
      readonly type: 'job-played';
      readonly job: { readonly id: number; readonly name: string };
      readonly approvedBy: readonly string[];
      readonly problem: Problem | null;
    }
  | { readonly type: 'interrupted' }
  | {
      readonly type: 'finished';
      readonly outcome: Outcome;
      readonly services: Readonly<Record<string, Outcome>>;
      readonly problem: Problem | null;
    };
export type Phase = 'forward' | 'unwind';

export type Emit = (event: DeploymentEvent) => void;
export type Watcher = (event: DeploymentEvent) => void | Promise<void>;

/** The journal comes first and may stop a deployment by throwing; a watcher never can. */
export function fanOut(
  journal: Emit,
  watchers: readonly Watcher[],
  onWatcherError: (error: unknown) => void,
): Emit {
  return (event) => {
    journal(event);
    for (const watch of watchers) void Promise.resolve(event).then(watch).catch(onWatcherError);
  };
}
