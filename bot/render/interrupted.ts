import { customId } from '../buttons.ts';
import type { StepView, Story } from '../story/fold.ts';
import { colour, type Control, type Message } from './message.ts';
import { titleOf } from './title.ts';
import { isSide, nounOf } from './side-step.ts';
import { code, person, relative, words } from './text.ts';

/** What became of a deployment that was cut off. */
export interface Settled {
  readonly how: 'finished' | 'undone';
  readonly deployment: string;
}

/** Posted once for each deployment that a stop of Sentinel cut off; it never acts alone. */
export function renderInterrupted(story: Story, settled: Settled | null): Message {
  const past = settled?.how === 'undone' ? 'Undone' : 'Finished';
  const next = settled
    ? `**${past} by ${code(settled.deployment)}.**`
    : 'Nothing happens until somebody chooses; either way the plan is shown first.';
  return {
    embeds: [
      {
        title: `⚡ Interrupted · ${words(titleOf(story))}`,
        colour: settled ? colour.quiet : colour.warning,
        description: [
          cutOff(story),
          `${person(story.actor)} started it ${relative(story.startedAt)}.`,
          next,
        ].join('\n'),
        footer: `deployment ${story.deployment}`,
        timestamp: story.startedAt,
      },
    ],
    rows: settled ? [] : [choices(story)],
  };
}

function choices({ deployment }: Story): readonly Control[] {
  return [
    { kind: 'button', style: 'success', label: 'Finish it', id: customId('finish', deployment) },
    { kind: 'button', style: 'secondary', label: 'Undo it', id: customId('unwind', deployment) },
  ];
}

function cutOff({ stages }: Story): string {
  const cut = stages.flatMap(({ steps, phase }) =>
    steps.filter(({ state }) => state === 'running').map((step) => whereOf(step, phase)),
  );
  const unchecked = stages.some(({ stage, state }) => stage === 'verify' && state === 'waiting');
  const told = cut.length > 0 ? `Cut off while ${cut.join(' and ')}` : 'Cut off between two steps';
  return `${told}${unchecked ? '; not checked yet' : ''}.`;
}

function whereOf({ step }: StepView, phase: 'forward' | 'unwind'): string {
  const what = isSide(step) ? `the ${nounOf(step)} of ${words(step.service)}` : words(step.service);
  const doing = step.stage === 'verify' ? 'checking' : isSide(step) ? 'changing' : 'deploying';
  return `${phase === 'unwind' ? 'undoing' : doing} ${what} on ${words(step.system)}`;
}
