import type { JobState, PipelineState, PipelineSummary } from '../forge-port.ts';
import type { Secrets } from '../ports.ts';
import { toProblem } from '../problems.ts';
import { redactProblem } from '../redact-problem.ts';
import { callSignal } from './calls.ts';
import { isDetached, type Following } from './following.ts';

/** How much of a log is told. */
const longestLog = 4_000;

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

/** The end of what a job said, without any value of a secret; empty where it cannot be read, as nothing hangs on it. */
export async function logOf(
  following: Following,
  { id, name }: JobState,
  secrets: Pick<Secrets, 'redact'>,
): Promise<string> {
  try {
    // Replaced before it is cut: a part of a secret would no longer be known for one.
    return endOf(secrets.redact(await following.pipelines.log(id, callSignal(following))));
  } catch (error) {
    if (isDetached(following)) throw error;
    const problem = redactProblem(toProblem(error), secrets);
    following.log.warn({ job: name, problem }, 'the log of a job cannot be read');
    return '';
  }
}

/** Begins with a whole line, where there is one. */
function endOf(text: string): string {
  if (text.length <= longestLog) return text;
  const end = text.slice(-longestLog);
  return end.slice(end.indexOf('\n') + 1);
}

export function summaryOf(state: PipelineSummary): PipelineSummary {
  const { id, url, commit, branch, status, source, createdAt, by } = state;
  return { id, url, commit, branch, status, source, createdAt, by };
}
