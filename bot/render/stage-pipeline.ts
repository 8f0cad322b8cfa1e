import type { Gate, JobStage, JobView, PipelineChapter } from '../story/fold-pipeline.ts';
import { jobMark, jobText, pipelineText, ranJobs } from './jobs.ts';
import { colour, type Message } from './message.ts';
import { problemText } from './problem.ts';
import { collapse, fence, inARow, link, person, tail, words } from './text.ts';

/** One message of the thread, about the pipeline that does the work. */
export function renderPipelineChapter(chapter: PipelineChapter): Message {
  switch (chapter.kind) {
    case 'pipeline':
      return note('🏗️ Pipeline found', colour.running, pipelineText(chapter.summary));
    case 'jobs':
      return endedStage(chapter.stage);
    case 'job-failed':
      return failedJob(chapter.view);
    case 'gate': {
      const { job, proposal } = chapter.gate;
      return note(
        `✋ ${words(job.name)} waits${proposal === null ? '' : ' for approval'}`,
        colour.waiting,
        proposal === null
          ? 'The plan is the one that was agreed to, so it is started.'
          : `Somebody has to agree: \`/approve request:${proposal}\``,
      );
    }
    case 'played':
      return playedJob(chapter.gate);
  }
}

function endedStage(stage: JobStage): Message {
  const jobs = ranJobs(stage);
  const failed = jobs.filter(({ job }) => job.status === 'failed');
  const lines = jobs.map((view) => `${jobMark(view.job)} ${jobText(view, true)}`).join('\n');
  const name = words(stage.name);
  if (failed.some(({ job }) => !job.allowFailure)) return note(`❌ ${name} — failed`, colour.bad, lines);
  return failed.length > 0
    ? note(`🟠 ${name} — done`, colour.warning, lines)
    : note(`✅ ${name} — done`, colour.good, lines);
}

function playedJob({ job, played }: Gate): Message {
  const problem = played?.problem ?? null;
  if (problem !== null)
    return note(
      `⚠️ ${words(job.name)} · not started from here`,
      colour.bad,
      problemText(problem, { evidence: false }),
    );
  const by = (played?.approvedBy ?? []).map((id) => person({ id, name: id }));
  return note(
    `👍 ${words(job.name)} started`,
    colour.good,
    by.length === 0 ? 'The policy asks for nobody’s approval.' : `Approved by ${inARow(by)}.`,
  );
}

const logMost = 900;

function failedJob({ job, log }: JobView): Message {
  const because = job.failure === null || job.failure === 'script_failure' ? '' : ` (${words(job.failure)})`;
  const lines = [
    `${link(job.name, job.url)} failed${because}${job.allowFailure ? '; the pipeline goes on' : ''}.`,
    ...(log === null || log.trim() === '' ? [] : [fence(tail(collapse(log), logMost))]),
  ];
  return note(
    `${jobMark(job)} ${words(job.name)} — failed`,
    job.allowFailure ? colour.warning : colour.bad,
    lines.join('\n'),
  );
}

function note(title: string, tone: number, description: string): Message {
  return { embeds: [{ title, colour: tone, description }] };
}
