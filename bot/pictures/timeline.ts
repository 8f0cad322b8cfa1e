import { looks } from '../render/story.ts';
import { between, count, plain } from '../render/text.ts';
import { titleOf } from '../render/title.ts';
import type { Story } from '../story/fold.ts';
import { pipelineGroups } from './timeline-pipeline.ts';
import { stageGroups } from './timeline-stages.ts';
import type { Span } from './time-scale.ts';
import { tones, type Tone } from './tone.ts';

/** What was done when, as the picture shows it. Texts are outside texts, to be escaped where they are drawn. */
export interface Timeline {
  readonly title: string;
  readonly outcome: { readonly sign: string; readonly word: string; readonly tone: Tone };
  readonly subtitle: string;
  readonly whole: Span;
  /** Hosts with their services, or stages of a pipeline with their jobs. */
  readonly groups: readonly Group[];
  /** What there was no room for. */
  readonly more: string | null;
}
export interface Group {
  /** Empty where its one row says it already. */
  readonly name: string;
  readonly rows: readonly Row[];
}
export interface Row {
  readonly name: string;
  readonly bars: readonly Bar[];
  /** How it ended, in a few words. */
  readonly ending: { readonly tone: Tone; readonly word: string };
  /** Stages that were never reached. */
  readonly notDone: readonly string[];
}
export interface Bar extends Span {
  readonly name: string;
  readonly tone: Tone;
}

const outcomeTones = {
  succeeded: 'done',
  degraded: 'partly',
  'rolled-back': 'undo',
  failed: 'failed',
  'needs-attention': 'failed',
  cancelled: 'stopped',
  running: 'running',
  aborting: 'running',
  interrupted: 'running',
} as const satisfies Record<Story['state'], Tone>;

/** How a deployment or a part of it ended, as a sign and a word. */
export function endingOf(state: Story['state']): { readonly tone: Tone; readonly word: string } {
  return { tone: outcomeTones[state], word: looks[state].word };
}

/** Two services or more, at least one of which began: of one, the card says everything. */
export function timelineOf(story: Story): Timeline | null {
  if (concerned(story).length < 2) return null;
  const all = story.pipeline === null ? stageGroups(story) : pipelineGroups(story.pipeline, endOf(story));
  const groups = all.filter(({ rows }) => rows.length > 0);
  const bars = groups.flatMap(({ rows }) => rows.flatMap((row) => row.bars));
  if (bars.length === 0) return null;
  const start = Date.parse(story.startedAt);
  const from = Math.min(start, ...bars.map((bar) => bar.from));
  const to = Math.max(endOf(story), from + 1, ...bars.map((bar) => bar.to));
  const { tone, word } = endingOf(story.state);
  const shown = roomFor(groups);
  return {
    title: plain(titleOf(story)),
    outcome: { sign: tones[tone].sign, word, tone },
    subtitle: subtitleOf(story, groups),
    whole: { from, to },
    ...shown,
  };
}

/** Everything it did something to. */
export function concerned({ plan, services, stages }: Story): readonly string[] {
  const planned = plan.services.filter(({ action }) => action !== 'none').map(({ name }) => name);
  return [...new Set([...planned, ...stages.map(({ service }) => service), ...Object.keys(services)])];
}

function endOf({ finishedAt, startedAt }: Story): number {
  return Date.parse(finishedAt ?? startedAt);
}

function subtitleOf(story: Story, groups: readonly Group[]): string {
  const { startedAt, finishedAt, pipeline, services } = story;
  const time = finishedAt === null ? 'not ended' : between(startedAt, finishedAt);
  const where =
    pipeline === null ? [count(groups.length, 'host')] : [`pipeline ${pipeline.summary?.id ?? ''}`];
  const unwell = Object.values(services).filter((outcome) => outcome !== 'succeeded').length;
  const wrong = unwell === 0 || story.state === 'succeeded' ? [] : [`${unwell} not well`];
  return [time, count(concerned(story).length, 'service'), ...where, ...wrong].join(' · ');
}

/** As many lines as a phone shows before they are too small to read. */
const mostRows = 24;

/** Those that went well are left out first. */
function roomFor(groups: readonly Group[]): Pick<Timeline, 'groups' | 'more'> {
  const rows = groups.flatMap((group) => group.rows);
  const over = rows.length - mostRows;
  if (over <= 0) return { groups, more: null };
  const calm = rows.toReversed().filter(({ ending }) => ending.tone === 'done');
  const unwell = rows.toReversed().filter(({ ending }) => ending.tone !== 'done');
  const out = new Set([...calm, ...unwell].slice(0, over));
  const kept = groups.map((group) => ({ ...group, rows: group.rows.filter((row) => !out.has(row)) }));
  const well = over <= calm.length ? ' that went well' : '';
  return { groups: kept.filter((group) => group.rows.length > 0), more: `and ${over} more${well}` };
}
