import type { Actor } from '../../engine/index.ts';
import type { Gate, PipelineView } from '../story/fold-pipeline.ts';
import type { Story } from '../story/fold.ts';
import type { Around } from './story.ts';
import { failedJobs, pipelineText, waiting } from './jobs.ts';
import { inARow, link, person, words } from './text.ts';

/** A deployment whose work a pipeline does. */
export type PipelineStory = Story & { readonly pipeline: PipelineView };

export function isByPipeline(story: Story): story is PipelineStory {
  return story.pipeline !== null;
}

/** Where the pipeline is, where it came from, and what it waits for. */
export function pipelineLines(
  story: PipelineStory,
  { approvers, cardOf }: Pick<Around, 'approvers' | 'cardOf'>,
): readonly string[] {
  const { pipeline, request, finishedAt } = story;
  const { summary, gates } = pipeline;
  if (summary === null) return finishedAt === null ? ['Its pipeline has not appeared in GitLab yet.'] : [];
  return [
    pipelineText(summary),
    ...(request.kind === 'pipeline' ? [`Started in GitLab by ${originOf(summary.source)}.`] : []),
    ...(finishedAt === null ? waiting(pipeline).map((gate) => waitingLine(gate, cardOf)) : []),
    ...gates.flatMap((gate) => playedLine(gate, approvers)),
  ];
}

const origins: Readonly<Record<string, string>> = {
  push: 'a push',
  web: 'hand',
  api: 'a program',
  schedule: 'its schedule',
  trigger: 'another program',
  pipeline: 'another pipeline',
  merge_request_event: 'a merge request',
};

function originOf(source: string): string {
  return origins[source] ?? words(source);
}

/** Manual jobs a request asks people about, while nothing else goes on. */
export function waitsFor({ state, pipeline }: Story): readonly Gate[] {
  if (state !== 'running' || pipeline === null) return [];
  return waiting(pipeline).filter(({ proposal }) => proposal !== null);
}

function waitingLine({ job, proposal }: Gate, cardOf: Around['cardOf']): string {
  const name = `✋ **${words(job.name)}**`;
  if (proposal === null) return `${name} waits; it was agreed to with the plan.`;
  const card = cardOf(proposal);
  const more = card === null ? '' : ` · ${link('request', card)}`;
  return `${name} waits for approval: \`/approve request:${proposal}\`${more}`;
}

function playedLine({ job, played }: Gate, approvers: readonly Actor[]): readonly string[] {
  if (played === null) return [];
  if (played.problem !== null) return [`⚠️ ${words(played.problem.message)}`];
  return [`👍 **${words(job.name)}** started${byWhom(played.approvedBy, approvers)}.`];
}

/** `, approved by @ben and @cleo` */
export function byWhom(ids: readonly string[], approvers: readonly Actor[]): string {
  const named = ids.map((by) =>
    person(approvers.find(({ id, name }) => id === by || name === by) ?? { id: by, name: by }),
  );
  return named.length > 0 ? `, approved by ${inARow(named)}` : '';
}

/** How it ended, in a sentence; the title has the word. */
export function pipelineEnding({ state, pipeline, problem, abortedBy }: PipelineStory): string {
  const jobs = failedJobs(pipeline);
  const failed = jobs.length === 0 ? '' : `: ${inARow(shorter(jobs).map(words))} failed`;
  if (problem?.code === 'pipeline-missing') return 'Nothing was deployed.';
  const early = endingBefore({ state, pipeline, abortedBy });
  if (early !== null) return early;
  switch (state) {
    case 'succeeded':
      return 'Done by its pipeline.';
    case 'degraded':
      return `Done by its pipeline, but not everything around it works${failed}.`;
    case 'rolled-back':
      return `It did not work, so what ran before was put back${failed}.`;
    case 'failed':
      return `The pipeline failed${failed}.`;
    case 'cancelled':
      return abortedBy === null
        ? 'The pipeline was cancelled in GitLab.'
        : `Stopped by ${stopper(abortedBy)}; its pipeline was cancelled.`;
    case 'needs-attention':
    case 'interrupted':
      return `A person has to look${failed}.`;
    case 'running':
    case 'aborting':
      return '';
  }
}

/** How it ended where GitLab never came to run anything. */
function endingBefore({
  state,
  pipeline,
  abortedBy,
}: Pick<PipelineStory, 'state' | 'pipeline' | 'abortedBy'>): string | null {
  if (pipeline.summary !== null || (state !== 'failed' && state !== 'cancelled')) return null;
  const what = state === 'failed' || abortedBy === null ? 'It ended' : `Stopped by ${stopper(abortedBy)}`;
  return `${what} before a pipeline began. Nothing was deployed.`;
}

const stopper = (by: Actor): string => (by.id === 'sentinel' ? 'Sentinel’s shutdown' : person(by));

const mostNamed = 3;

function shorter(names: readonly string[]): readonly string[] {
  if (names.length <= mostNamed) return names;
  return [...names.slice(0, mostNamed), `${names.length - mostNamed} more`];
}
