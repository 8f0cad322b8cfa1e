import { changesAnything, type Actor } from '../../engine/index.ts';
import { customId } from '../buttons.ts';
import type { StageView, Story } from '../story/fold.ts';
import { chunks } from './chunks.ts';
import { jobShare, stageFields as jobFields } from './jobs.ts';
import { ending } from './story-ending.ts';
import { byWhom, isByPipeline, pipelineLines, waitsFor } from './story-pipeline.ts';
import { leftOutLine } from './left-out.ts';
import { colour, type Control, type Field, type Message } from './message.ts';
import { titleOf } from './title.ts';
import { problemText } from './problem.ts';
import { between, count, inARow, isWeb, person, relative, short, took, words } from './text.ts';

export const looks = {
  running: { symbol: '⏳', word: 'running', colour: colour.running },
  aborting: { symbol: '🛑', word: 'stopping', colour: colour.warning },
  interrupted: { symbol: '⚡', word: 'interrupted', colour: colour.warning },
  succeeded: { symbol: '✅', word: 'succeeded', colour: colour.good },
  degraded: { symbol: '🟠', word: 'degraded', colour: colour.warning },
  'rolled-back': { symbol: '↩️', word: 'rolled back', colour: colour.warning },
  failed: { symbol: '❌', word: 'failed', colour: colour.bad },
  'needs-attention': { symbol: '🚨', word: 'needs attention', colour: colour.bad },
  cancelled: { symbol: '🚫', word: 'cancelled', colour: colour.quiet },
} as const satisfies Record<Story['state'], { symbol: string; word: string; colour: number }>;

const waits = { symbol: '✋', word: 'waits for approval', colour: colour.waiting } as const;

/** What a card shows besides its own story. */
export interface Around {
  readonly thread: string | null;
  /** Who voted yes, to be named as Discord shows people. */
  readonly approvers: readonly Actor[];
  /** False once a later deployment concerned the same service. */
  readonly newest: boolean;
  /** Where the card of a request is, once it is posted. */
  readonly cardOf: (request: string) => string | null;
}

/** The live card: the same fields in the same order from the first state to the last. */
export function renderStory(story: Story, around: Around): Message {
  const look = waitsFor(story).length > 0 ? waits : looks[story.state];
  return {
    embeds: [
      {
        title: `${look.symbol} ${words(titleOf(story))} · ${look.word}`,
        colour: look.colour,
        description: [...headline(story, around), ...progress(story), byLine(story, around)].join('\n'),
        fields: story.pipeline === null ? stageFields(story) : jobFields(story.pipeline),
        footer: `deployment ${story.deployment} · plan ${short(story.plan.digest)}`,
        timestamp: story.finishedAt ?? story.startedAt,
      },
    ],
    rows: [controls(story, around)],
  };
}

/** Ten cells and a number, `▰▰▰▱▱▱▱▱▱▱ 30 %`: how far the way forward is. None where it ended elsewhere. */
function progress({ stages, state, pipeline }: Story): readonly string[] {
  const steps = stages.filter(({ phase }) => phase === 'forward').flatMap((stage) => stage.steps);
  const well = state === 'succeeded' || state === 'degraded';
  if (!well && state !== 'running' && state !== 'aborting' && state !== 'interrupted') return [];
  const settled = steps.filter(({ endedAt }) => endedAt !== null).length;
  const done = pipeline !== null ? jobShare(pipeline) : steps.length === 0 ? 0 : settled / steps.length;
  const share = well ? 1 : done;
  const full = Math.floor(share * 10);
  return [`${'▰'.repeat(full)}${'▱'.repeat(10 - full)} ${Math.floor(share * 100)} %`];
}

/** How it is or how it ended comes first, then why. */
function headline(story: Story, around: Around): readonly string[] {
  const { startedAt, finishedAt, problem, state } = story;
  const lines = [
    finishedAt === null
      ? `**${unfinished(story)}** Started ${relative(startedAt)}.`
      : `**${ending(story)}** Took ${between(startedAt, finishedAt)}.`,
  ];
  if (isByPipeline(story)) lines.push(...pipelineLines(story, around));
  if (state === 'succeeded' || state === 'degraded') lines.push(...leftOutLine(story.plan));
  // That it was stopped is in the first line already.
  if (problem !== null && !(state === 'cancelled' && problem.code === 'cancelled'))
    lines.push(problemText(problem, { evidence: false }));
  return lines;
}

function byLine({ actor, approvedBy, request }: Story, { approvers }: Around): string {
  const reason = request.reason === undefined ? '' : ` — “${words(request.reason)}”`;
  return `by ${person(actor)}${byWhom(approvedBy, approvers)}${reason}`;
}

function unfinished(story: Story): string {
  const { state, pipeline } = story;
  if (waitsFor(story).length > 0) return 'Waits for approval.';
  if (state === 'aborting')
    return pipeline === null ? 'Stopping; what was done is undone.' : 'Stopping; its pipeline is cancelled.';
  return state === 'interrupted' ? 'Sentinel stopped in the middle of this.' : 'Running.';
}

/** More services than this get one line each. */
const mostInDetail = 6;

function stageFields(story: Story): readonly Field[] {
  const { stages, services } = story;
  const names = [...new Set(stages.map(({ service }) => service))];
  if (names.length > mostInDetail)
    return chunks(names.map((name) => serviceLine(story, name))).map((value, part) => ({
      name: part === 0 ? count(names.length, 'service') : '…',
      value,
    }));
  return names.map((name) => {
    const outcome = services[name];
    const mark = outcome === undefined ? '' : ` · ${looks[outcome].symbol} ${looks[outcome].word}`;
    const lines = stages.filter(({ service }) => service === name).map(stageLine);
    return { name: `${words(name)}${mark}`, value: lines.join('\n') };
  });
}

/** `▶️ grafana — dns`: how it ended, or what is done with it now. */
function serviceLine({ stages, services }: Story, name: string): string {
  const own = stages.filter(({ service }) => service === name);
  const failed = own.filter(({ state }) => state === 'failed').map(({ stage }) => stage);
  const outcome = services[name];
  if (outcome !== undefined)
    return `${looks[outcome].symbol} ${words(name)}${failed.length > 0 ? ` — ${inARow(failed)} failed` : ''}`;
  const now = own.find(({ state }) => state === 'running') ?? own.findLast(({ state }) => state === 'failed');
  if (now !== undefined) return `${marks[now.state]} ${words(name)} — ${phaseName(now)}`;
  const waits = own.some(({ state }) => state === 'waiting');
  return `${waits ? marks.waiting : marks.done} ${words(name)}`;
}

/** What is done, in words: `deploy`, `undo deploy`, and the check of what was put back. */
export function phaseName({ phase, stage }: Pick<StageView, 'phase' | 'stage'>): string {
  if (phase === 'unwind' && stage === 'verify') return 'checked again';
  return `${phase === 'unwind' ? 'undo ' : ''}${stage}`;
}

const marks = { waiting: '⬜', running: '▶️', done: '✅', failed: '❌', skipped: '⏭️' } as const;

/** `✅ deploy · media — 4.2s` */
export function stageLine(stage: StageView): string {
  const where = stage.systems.map(words).join(', ');
  return `${marks[stage.state]} **${phaseName(stage)}** · ${where} — ${timing(stage)}`;
}

function timing({ state, startedAt, endedAt }: StageView): string {
  if (state === 'waiting') return 'waiting';
  if (state === 'skipped') return 'skipped';
  if (startedAt === null) return state === 'failed' ? 'failed before it began' : state;
  if (endedAt === null) return `began ${relative(startedAt)}`;
  const ms = Date.parse(endedAt) - Date.parse(startedAt);
  return state === 'failed' ? `failed after ${took(ms)}` : took(ms);
}

function controls({ deployment, state, plan, pipeline }: Story, around: Around): readonly Control[] {
  const { thread, newest } = around;
  const url = pipeline?.summary?.url ?? '';
  const link: readonly Control[] = [
    ...(thread === null ? [] : [{ kind: 'link', label: 'Details', url: thread } as const]),
    ...(isWeb(url) ? [{ kind: 'link', label: 'Pipeline', url } as const] : []),
  ];
  if (state === 'running')
    return [{ kind: 'button', style: 'danger', label: 'Abort', id: customId('abort', deployment) }, ...link];
  const changed =
    plan.services.some(({ action }) => action === 'modify' || action === 'rollback') &&
    // Only containers have releases to go back to.
    plan.steps.some((step) => step.stage === 'deploy' && changesAnything(step));
  if ((state === 'succeeded' || state === 'degraded') && changed && newest && plan.services.length === 1)
    return [
      { kind: 'button', style: 'secondary', label: 'Roll back…', id: customId('rollback', deployment) },
      ...link,
    ];
  return link;
}
