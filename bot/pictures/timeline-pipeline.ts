import type { JobState } from '../../engine/index.ts';
import { between } from '../render/text.ts';
import { didRun, type JobView, type PipelineView } from '../story/fold-pipeline.ts';
import type { Group, Row } from './timeline.ts';
import type { Tone } from './tone.ts';

/** The jobs of each stage that ran. */
export function pipelineGroups({ stages }: PipelineView, end: number): readonly Group[] {
  return stages.map(({ name, jobs }) => {
    const ran = jobs.filter(({ job }) => job.startedAt !== null && (didRun(job) || job.status === 'running'));
    return {
      name: ran.length === 1 && ran[0]?.job.name === name ? '' : name,
      rows: ran.map((view) => rowOf(view, end)),
    };
  });
}

function rowOf({ job, retries }: JobView, end: number): Row {
  const from = Date.parse(job.startedAt ?? '');
  const to = Math.max(from, job.finishedAt === null ? end : Date.parse(job.finishedAt));
  const tone = toneOf(job);
  return {
    name: retries === 0 ? job.name : `${job.name} (try ${retries + 1})`,
    bars: [{ name: job.name, tone, from, to }],
    ending: { tone, word: wordOf(job) },
    notDone: [],
  };
}

function toneOf({ status, allowFailure }: JobState): Tone {
  switch (status) {
    case 'success':
      return 'done';
    case 'failed':
      return allowFailure ? 'partly' : 'failed';
    case 'canceled':
    case 'skipped':
      return 'stopped';
    case 'waiting':
    case 'running':
    case 'manual':
      return 'running';
  }
}

function wordOf({ status, startedAt, finishedAt, allowFailure }: JobState): string {
  if (status === 'failed') return allowFailure ? 'failed, allowed' : 'failed';
  if (status === 'canceled') return 'stopped';
  return startedAt === null || finishedAt === null ? 'not ended' : between(startedAt, finishedAt);
}
