import type { Happening } from '../events.ts';
import type { JobState, PipelineSummary } from '../forge-port.ts';

/** What was told of a pipeline so far, folded from its deployment's events: a restart goes on from here. */
export interface Known {
  readonly pipeline: PipelineSummary | null;
  readonly jobs: ReadonlyMap<number, JobState>;
  /** Jobs that wait for approval, with the request that asks for it; null where that was agreed to already. */
  readonly gates: ReadonlyMap<number, string | null>;
  /** Gates of which it was told what became of them. */
  readonly settled: ReadonlySet<number>;
  readonly pushing: boolean;
  readonly published: string | null;
  readonly aborting: boolean;
}

export const nothingKnown: Known = {
  pipeline: null,
  jobs: new Map(),
  gates: new Map(),
  settled: new Set(),
  pushing: false,
  published: null,
  aborting: false,
};

/** Pure: what is known once this was told as well. */
export function learn(known: Known, told: Happening): Known {
  if ('job' in told) return learnOfJob(known, told);
  if (told.type === 'pipeline') return { ...known, pipeline: told.pipeline };
  if (told.type === 'abort-requested') return { ...known, aborting: true };
  if (told.type !== 'git') return known;
  if (told.action === 'pushing') return { ...known, pushing: true };
  return told.action === 'pushed' && told.problem === null ? { ...known, published: told.commit } : known;
}

function learnOfJob(known: Known, told: Extract<Happening, { readonly job: unknown }>): Known {
  const { id } = told.job;
  switch (told.type) {
    case 'job':
      return { ...known, jobs: new Map(known.jobs).set(id, told.job) };
    case 'gate': {
      // Asked again: what became of the earlier request no longer counts.
      const settled = new Set([...known.settled].filter((job) => job !== id));
      return { ...known, settled, gates: new Map(known.gates).set(id, told.proposal) };
    }
    case 'job-played':
      return { ...known, settled: new Set(known.settled).add(id) };
  }
}
