import type { Outcome, Problem } from '../../engine/index.ts';
import type { Story } from '../story/fold.ts';
import { versionsOf } from './step.ts';
import { isByPipeline, pipelineEnding } from './story-pipeline.ts';
import { inARow, inline, person, words } from './text.ts';

/** How it ended, in a sentence; the title has the word. */
export function ending(story: Story): string {
  if (isByPipeline(story)) return pipelineEnding(story);
  switch (outcomeOf(story.state)) {
    case 'succeeded':
      return done(story);
    case 'degraded':
      return `Runs, but not everything around it works${failedOnes(story)}.`;
    case 'rolled-back':
      return putBack(story);
    case 'failed':
      return 'It failed.';
    case 'needs-attention':
      return 'It failed and could not be undone completely. A person has to look.';
    case 'cancelled':
      return stopped(story);
  }
}

function putBack(story: Story): string {
  const { plan } = story;
  const git = inGitAgain(story);
  const versions = versionsOf(plan);
  if (versions === null && plan.steps.every(({ before }) => before === null))
    return `It did not work, so what was started was removed again.${git}`;
  const [failed, back] =
    versions === null ? ['It', 'what ran before'] : [inline(versions.to), inline(versions.from)];
  const problem = problemAfterwards(story);
  return problem === null
    ? `${failed} did not work, so ${back} was put back and checked.${git}`
    : `${failed} did not work; ${back} was put back, but the check afterwards failed: ${words(problem.message)}${git}`;
}

/** A name or a route may fail that check without making it worse than rolled back. */
function problemAfterwards({ stages }: Story): Problem | null {
  const checks = stages.filter(({ phase, stage }) => phase === 'unwind' && stage === 'verify');
  return checks.flatMap(({ steps }) => steps.flatMap(({ problem }) => problem ?? []))[0] ?? null;
}

function stopped(story: Story): string {
  const { abortedBy } = story;
  const by =
    abortedBy?.id === 'sentinel'
      ? 'Stopped because Sentinel was shut down'
      : `Stopped by ${abortedBy === null ? 'a person' : person(abortedBy)}`;
  const comma = abortedBy?.id === 'sentinel' ? ',' : '';
  return isUntouched(story)
    ? `${by}${comma} before anything was touched.`
    : `${by}; what was done was undone.`;
}

/** No step began and no commit left. */
function isUntouched({ stages, chapters }: Story): boolean {
  return stages.every(({ startedAt }) => startedAt === null) && chapters.every(({ kind }) => kind !== 'git');
}

/** The commit was taken back as well. */
function inGitAgain({ chapters, plan }: Story): string {
  const reverted = chapters.some(
    (chapter) =>
      chapter.kind === 'git' && chapter.event.action === 'reverted' && chapter.event.problem === null,
  );
  if (!reverted) return '';
  const versions = versionsOf(plan);
  return versions === null
    ? ' Git says again what it said before.'
    : ` Git says ${inline(versions.from)} again.`;
}

function done({ plan, request }: Story): string {
  if (plan.steps.some(({ stage }) => stage === 'verify')) return 'Done and proved to work.';
  return request.kind === 'keep' ? 'Git says what is there now.' : 'Done.';
}

/** `: dns and glance failed` */
function failedOnes({ stages }: Story): string {
  const failed = stages.filter(({ state, phase }) => state === 'failed' && phase === 'forward');
  const names = [...new Set(failed.map(({ stage }) => stage))];
  return names.length === 0 ? '' : `: ${inARow(names)} failed`;
}

function outcomeOf(state: Story['state']): Outcome {
  return state === 'running' || state === 'aborting' || state === 'interrupted' ? 'needs-attention' : state;
}
