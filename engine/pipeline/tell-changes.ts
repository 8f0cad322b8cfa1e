import type { JobState, PipelineState, PipelineSummary } from '../forge-port.ts';
import type { Secrets } from '../ports.ts';
import { callSignal } from './calls.ts';
import type { Following } from './following.ts';

/** Tells what is another than it was told last: the pipeline when it is new, then its jobs in order, then the whole. */
export async function tellChanges(
  following: Following,
  state: PipelineState,
  secrets: Pick<Secrets, 'redact'>,
): Promise<void> {
  const { story, known } = following;
  if (known().pipeline === null) story.tell({ type: 'pipeline', pipeline: summaryOf(state) });
  for (const job of state.jobs) {
    if (known().jobs.get(job.id)?.status === job.status) continue;
    const log = job.status === 'failed' ? await logOf(following, job, secrets) : null;
    story.tell({ type: 'job', job, log });
  }
  if (known().pipeline?.status !== state.status) story.tell({ type: 'pipeline', pipeline: summaryOf(state) });
}

/** The end of what a job said, without any value of a secret. */
export async function logOf(
  following: Following,
  { id }: JobState,
  secrets: Pick<Secrets, 'redact'>,
): Promise<string> {
  return secrets.redact(await following.pipelines.log(id, callSignal(following)));
}

export function summaryOf(state: PipelineSummary): PipelineSummary {
  const { id, url, commit, branch, status, source, createdAt, by } = state;
  return { id, url, commit, branch, status, source, createdAt, by };
}
