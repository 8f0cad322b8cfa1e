import type { JobState, PipelineStatus, PipelineSummary } from '../../forge-port.ts';
import { oneLine } from '../../notify/one-line.ts';
import type { Reader } from './shapes.ts';

const statuses: Readonly<Record<string, PipelineStatus>> = {
  created: 'waiting',
  waiting_for_resource: 'waiting',
  preparing: 'waiting',
  waiting_for_callback: 'waiting',
  pending: 'waiting',
  scheduled: 'waiting',
  running: 'running',
  canceling: 'running',
  manual: 'manual',
  success: 'success',
  failed: 'failed',
  canceled: 'canceled',
  skipped: 'skipped',
};

/** A status of a newer GitLab is not an end. */
export function parseStatus(status: string): PipelineStatus {
  return Object.hasOwn(statuses, status) ? (statuses[status] ?? 'running') : 'running';
}

export function parsePipeline(pipeline: Reader): PipelineSummary {
  const user = pipeline.object('user');
  return {
    id: pipeline.number('id'),
    url: pipeline.textOr('web_url', ''),
    commit: pipeline.text('sha'),
    branch: pipeline.text('ref'),
    status: parseStatus(pipeline.text('status')),
    source: pipeline.textOr('source', 'unknown'),
    createdAt: pipeline.textOr('created_at', ''),
    by:
      user === null
        ? null
        : {
            login: oneLine(user.text('username')),
            name: oneLine(user.textOr('name', user.text('username'))),
          },
  };
}

export function parseJob(job: Reader): JobState {
  return {
    id: job.number('id'),
    name: oneLine(job.text('name')),
    stage: oneLine(job.text('stage')),
    status: parseStatus(job.text('status')),
    allowFailure: job.flag('allow_failure'),
    url: job.textOr('web_url', ''),
    startedAt: job.textOr('started_at', null),
    finishedAt: job.textOr('finished_at', null),
    failure: job.textOr('failure_reason', null),
  };
}

/** A list with retried jobs in it, newest first → the newest of each name, in the order of the stages. */
export function inOrder(jobs: readonly JobState[]): readonly JobState[] {
  const byAge = [...jobs].sort((one, other) => one.id - other.id);
  // ids grow along the stages; a retried job has a higher one, but keeps the place of its first
  const newest = new Map<string, JobState>();
  for (const job of byAge) newest.set(job.name, job);
  const stages = [...new Set(byAge.map(({ stage }) => stage))];
  return stages.flatMap((stage) => [...newest.values()].filter((job) => job.stage === stage));
}
