import type { JobState, PipelineSummary } from '../../engine/index.ts';
import {
  didRun,
  isSettled,
  type Gate,
  type JobStage,
  type JobView,
  type PipelineView,
} from '../story/fold-pipeline.ts';
import { chunks } from './chunks.ts';
import type { Field } from './message.ts';
import { between, code, count, link, relative, short, words } from './text.ts';

/** `✅`: failures that are allowed are amber, and what did not run is quiet. */
export function jobMark({ status, allowFailure }: JobState): string {
  switch (status) {
    case 'waiting':
      return '⬜';
    case 'running':
      return '▶️';
    case 'manual':
      return allowFailure ? '▫️' : '✋';
    case 'success':
      return '✅';
    case 'failed':
      return allowFailure ? '🟠' : '❌';
    case 'canceled':
      return '🚫';
    case 'skipped':
      return '▫️';
  }
}

/** `[deploy:containers](…) 41s` */
export function jobText({ job, retries }: JobView, linked: boolean): string {
  const name = linked ? link(job.name, job.url) : words(job.name);
  const again = retries === 0 ? '' : ` (try ${retries + 1})`;
  return `${name}${again}${timing(job)}`;
}

function timing({ status, startedAt, finishedAt, allowFailure }: JobState): string {
  if (status === 'manual') return allowFailure ? ', by hand' : ' waits';
  if (startedAt === null || status === 'skipped') return '';
  return finishedAt === null ? ` began ${relative(startedAt)}` : ` ${between(startedAt, finishedAt)}`;
}

const mostInLine = 800;
const mostInAll = 4_000;

/** One line for each stage, with links while there is room for them. */
export function stageFields({ stages }: PipelineView): readonly Field[] {
  const all = (isLinked: (job: JobState) => boolean): readonly string[] =>
    stages.map((stage) => stageLine(stage, isLinked));
  const isWhole = (lines: readonly string[]): boolean => lines.join('\n').length <= mostInAll;
  const isOpen = (job: JobState): boolean => job.status === 'failed' || !isSettled(job);
  const lines = [() => true, isOpen].map(all).find(isWhole) ?? all(() => false);
  return chunks(lines).map((value, part) => ({ name: part === 0 ? 'Stages' : '…', value }));
}

/** `✅ **deploy** · [containers](…) 41s` */
function stageLine({ name, jobs }: JobStage, isLinked: (job: JobState) => boolean): string {
  const [only] = jobs;
  if (only !== undefined && jobs.length === 1)
    return only.job.name === name
      ? `${jobMark(only.job)} ${jobText(only, isLinked(only.job))}`
      : `${jobMark(only.job)} **${words(name)}** · ${jobText(only, isLinked(only.job))}`;
  let line = `${stageMark(jobs)} **${words(name)}**`;
  for (const [place, view] of jobs.entries()) {
    const next = ` · ${jobMark(view.job)} ${jobText(view, isLinked(view.job))}`;
    if (line.length + next.length > mostInLine)
      return `${line} · and ${count(jobs.length - place, 'more job')}`;
    line += next;
  }
  return line;
}

/** What matters most of all its jobs: what failed, then what goes on. */
function stageMark(jobs: readonly JobView[]): string {
  const marks = jobs.map(({ job }) => jobMark(job));
  return ['❌', '✋', '▶️', '⬜', '🚫', '🟠', '✅'].find((mark) => marks.includes(mark)) ?? '▫️';
}

/** How far it is: jobs that are settled, of those that run by themselves. */
export function jobShare({ stages }: PipelineView): number {
  const jobs = stages.flatMap((stage) => stage.jobs.map(({ job }) => job));
  const counted = jobs.filter((job) => !(job.status === 'manual' && job.allowFailure));
  return counted.length === 0 ? 0 : counted.filter(isSettled).length / counted.length;
}

/** `[Pipeline 812](…) of commit 3f2a1c9d on main` */
export function pipelineText({ id, url, commit, branch }: PipelineSummary): string {
  return `${link(`Pipeline ${id}`, url)} · ${code(short(commit))} on ${code(branch)}`;
}

/** Those that keep everything after them waiting. */
export function waiting({ gates, stages }: PipelineView): readonly Gate[] {
  const manual = new Set(
    stages.flatMap(({ jobs }) => jobs.flatMap(({ job }) => (job.status === 'manual' ? [job.id] : []))),
  );
  return gates.filter(({ job, played }) => played === null && manual.has(job.id));
}

/** Names of the jobs that failed and should not have; those that may come after them. */
export function failedJobs({ stages }: PipelineView): readonly string[] {
  const failed = stages.flatMap(({ jobs }) => jobs.filter(({ job }) => job.status === 'failed'));
  const hard = failed.filter(({ job }) => !job.allowFailure);
  return (hard.length > 0 ? hard : failed).map(({ job }) => job.name);
}

export function ranJobs({ jobs }: JobStage): readonly JobView[] {
  return jobs.filter(({ job }) => didRun(job));
}
