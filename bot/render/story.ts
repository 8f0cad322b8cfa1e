import type { Outcome } from '../../engine/index.ts';
import { customId } from '../buttons.ts';
import type { StageView, Story } from '../story/fold.ts';
import { colour, type Control, type Field, type Message } from './message.ts';
import { titleOf } from './proposal.ts';
import { problemText } from './problem.ts';
import { between, code, count, person, plain, relative, short, took, words } from './text.ts';

export const looks = {
  running: { symbol: '⏳', word: 'running', colour: colour.running },
  aborting: { symbol: '🛑', word: 'stopping', colour: colour.warning },
  interrupted: { symbol: '⚡', word: 'interrupted', colour: colour.warning },
  succeeded: { symbol: '✅', word: 'succeeded', colour: colour.good },
  degraded: { symbol: '🟠', word: 'degraded', colour: colour.warning },
  'rolled-back': { symbol: '↩️', word: 'rolled-back', colour: colour.warning },
  failed: { symbol: '❌', word: 'failed', colour: colour.bad },
  'needs-attention': { symbol: '🚨', word: 'needs-attention', colour: colour.bad },
  cancelled: { symbol: '🚫', word: 'cancelled', colour: colour.quiet },
} as const satisfies Record<Story['state'], { symbol: string; word: string; colour: number }>;

/** The live card: the same fields in the same order from the first state to the last. */
export function renderStory(story: Story, link: { readonly thread: string | null }): Message {
  const look = looks[story.state];
  return {
    embeds: [
      {
        title: `${look.symbol} ${titleOf(story)} · ${look.word}`,
        colour: look.colour,
        description: [headline(story), progressBar(story)].join('\n'),
        fields: stageFields(story),
        footer: `deployment ${story.deployment} · plan ${short(story.plan.digest)}`,
        timestamp: story.finishedAt ?? story.startedAt,
      },
    ],
    rows: [controls(story, link.thread)],
  };
}

/** Ten cells and a number: `▰▰▰▱▱▱▱▱▱▱ 30 %`. */
export function progressBar({ stages, state }: Pick<Story, 'stages' | 'state'>): string {
  const steps = stages.flatMap((stage) => stage.steps);
  const settled = steps.filter(({ endedAt }) => endedAt !== null).length;
  const finished = !['running', 'aborting', 'interrupted'].includes(state);
  const share = finished ? 1 : steps.length === 0 ? 0 : settled / steps.length;
  const full = Math.floor(share * 10);
  return `${'▰'.repeat(full)}${'▱'.repeat(10 - full)} ${Math.floor(share * 100)} %`;
}

function headline(story: Story): string {
  const { state, actor, approvedBy, request, startedAt, finishedAt, problem } = story;
  const by = approvedBy.length > 0 ? `, approved by ${approvedBy.map(approver).join(', ')}` : '';
  const reason = request.reason === undefined ? '' : ` — “${words(request.reason)}”`;
  const lines = [`by ${person(actor)}${by}${reason}`];
  if (finishedAt !== null)
    lines.push(`**${endings[outcomeOf(state)]}** Took ${between(startedAt, finishedAt)}.`);
  else lines.push(`**${unfinished(state)}** Started ${relative(startedAt)}.`);
  if (problem !== null) lines.push(problemText(problem, { evidence: false }));
  return lines.join('\n');
}

function approver(id: string): string {
  return person({ id, name: id });
}

const endings: Readonly<Record<Outcome, string>> = {
  succeeded: 'Done and proved to work.',
  degraded: 'Runs, but not everything around it works.',
  'rolled-back': 'It failed; what ran before was put back.',
  failed: 'It failed.',
  'needs-attention': 'It failed and could not be undone completely. A person has to look.',
  cancelled: 'Stopped by a person.',
};

function outcomeOf(state: Story['state']): Outcome {
  return state === 'running' || state === 'aborting' || state === 'interrupted' ? 'needs-attention' : state;
}

function unfinished(state: Story['state']): string {
  if (state === 'aborting') return 'Stopping; what was done is undone.';
  return state === 'interrupted' ? 'Sentinel stopped in the middle of this.' : 'Running.';
}

function stageFields({ stages, services }: Story): readonly Field[] {
  const names = [...new Set(stages.map(({ service }) => service))];
  return names.map((name) => {
    const outcome = services[name];
    const mark = outcome === undefined ? '' : ` · ${looks[outcome].symbol} ${looks[outcome].word}`;
    const lines = stages.filter(({ service }) => service === name).map(stageLine);
    return { name: `${plain(name)}${mark}`, value: lines.join('\n') };
  });
}

const marks = { waiting: '⬜', running: '▶️', done: '✅', failed: '❌', skipped: '⏭️' } as const;

/** `✅ deploy · media — 4.2s` */
export function stageLine(stage: StageView): string {
  const name = `${stage.phase === 'unwind' ? 'undo ' : ''}${stage.stage}`;
  const where = stage.systems.map(words).join(', ');
  return `${marks[stage.state]} **${name}** · ${where} — ${timing(stage)}`;
}

function timing({ state, startedAt, endedAt }: StageView): string {
  if (state === 'waiting') return 'waiting';
  if (state === 'skipped') return 'skipped';
  if (startedAt === null) return state === 'failed' ? 'failed before it began' : state;
  if (endedAt === null) return `running since ${relative(startedAt)}`;
  const ms = Date.parse(endedAt) - Date.parse(startedAt);
  return state === 'failed' ? `failed after ${took(ms)}` : took(ms);
}

function controls({ deployment, state, plan }: Story, thread: string | null): readonly Control[] {
  const link: readonly Control[] = thread === null ? [] : [{ kind: 'link', label: 'Details', url: thread }];
  if (state === 'running')
    return [{ kind: 'button', style: 'danger', label: 'Abort', id: customId('abort', deployment) }, ...link];
  const changed = plan.services.some(({ action }) => action === 'modify' || action === 'rollback');
  if ((state === 'succeeded' || state === 'degraded') && changed && plan.services.length === 1)
    return [
      { kind: 'button', style: 'secondary', label: 'Roll back…', id: customId('rollback', deployment) },
      ...link,
    ];
  return link;
}

/** Posted once for each deployment that a stop of Sentinel cut off; it never acts alone. */
export function renderInterrupted(story: Story): Message {
  const steps = story.stages.flatMap((stage) => stage.steps);
  const cut = steps.filter(({ state }) => state === 'running').map(({ step }) => code(step.id));
  const done = steps.filter(({ state }) => state === 'done').length;
  return {
    embeds: [
      {
        title: `⚡ Interrupted · ${titleOf(story)}`,
        colour: colour.warning,
        description: [
          `Sentinel stopped in the middle of this deployment, which began ${relative(story.startedAt)} by ${person(story.actor)}.`,
          `${count(done, 'step')} of ${steps.length} done${cut.length > 0 ? `, cut off in ${cut.join(', ')}` : ''}.`,
          'Nothing happens until somebody chooses; either way the plan is shown first.',
        ].join('\n'),
        footer: `deployment ${story.deployment}`,
        timestamp: story.startedAt,
      },
    ],
    rows: [
      [
        { kind: 'button', style: 'success', label: 'Finish it', id: customId('finish', story.deployment) },
        { kind: 'button', style: 'secondary', label: 'Undo it', id: customId('unwind', story.deployment) },
      ],
    ],
  };
}
