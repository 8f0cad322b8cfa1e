import type { Store } from './storage.ts';
import type { Outcome } from './types.ts';

/** How deployments of one environment, or of one service there, went lately. */
export interface Statistics {
  /** Oldest first, one for each 24 hours; the last ends now. */
  readonly days: readonly OutcomeCounts[];
  /** Of all days together. */
  readonly counts: OutcomeCounts;
  /** From the end of what did not go well to the end of the next that did, for the same service. */
  readonly recovery: { readonly times: number; readonly medianMs: number } | null;
}
/** How often each outcome was reached. */
export type OutcomeCounts = Readonly<Record<Outcome, number>>;

/** What the record says about a stretch of time that ends now. */
export interface DeploymentFigures {
  /** `ago`: days before now, 0 for the last 24 hours. */
  readonly outcomes: readonly { readonly ago: number; readonly outcome: Outcome; readonly count: number }[];
  /** Milliseconds each recovery took that began in that time. */
  readonly recoveries: readonly number[];
}

export const statisticsDays = 30;

/** From the record alone: quick, and the same at every front end. */
export function readStatistics(
  { deployments }: Pick<Store, 'deployments'>,
  of: {
    readonly environment: string;
    readonly service: string | null;
    readonly now: Date;
    readonly days?: number;
  },
): Statistics {
  const { days = statisticsDays, ...asked } = of;
  return statisticsOf(deployments.figures({ ...asked, days }), days);
}

/** Pure: figures as people and charts want them. */
export function statisticsOf({ outcomes, recoveries }: DeploymentFigures, days: number): Statistics {
  const countsOf = (some: DeploymentFigures['outcomes']): OutcomeCounts => {
    const sum = (outcome: Outcome): number =>
      some.filter((each) => each.outcome === outcome).reduce((all, { count }) => all + count, 0);
    return {
      ...{ succeeded: sum('succeeded'), degraded: sum('degraded'), 'rolled-back': sum('rolled-back') },
      ...{ failed: sum('failed'), 'needs-attention': sum('needs-attention'), cancelled: sum('cancelled') },
    };
  };
  return {
    days: Array.from({ length: days }, (_, day) =>
      countsOf(outcomes.filter(({ ago }) => ago === days - 1 - day)),
    ),
    counts: countsOf(outcomes),
    recovery: recoveries.length === 0 ? null : { times: recoveries.length, medianMs: medianOf(recoveries) },
  };
}

export function totalOf(counts: OutcomeCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
