import { phaseName } from '../render/story.ts';
import type { StageView, Story } from '../story/fold.ts';
import { endingOf, type Bar, type Group, type Row } from './timeline.ts';
import type { Tone } from './tone.ts';

/** The services of each host, in the order of the plan, with what was done to each. */
export function stageGroups(story: Story): readonly Group[] {
  const { stages, plan } = story;
  const names = [...new Set(stages.map(({ service }) => service))];
  const hostOf = (name: string): string =>
    plan.services.find((service) => service.name === name)?.host ??
    stages.find(({ service, stage }) => service === name && stage === 'deploy')?.systems[0] ??
    'elsewhere';
  return [...new Set(names.map(hostOf))].map((host) => ({
    name: host,
    rows: names.filter((name) => hostOf(name) === host).map((name) => rowOf(story, name)),
  }));
}

function rowOf(story: Story, name: string): Row {
  const own = story.stages.filter(({ service }) => service === name);
  const undone = new Set(
    own.filter((stage) => stage.phase === 'unwind' && stage.state === 'done').map((stage) => stage.stage),
  );
  const bars = own.flatMap((stage) => barOf(stage, toneOf(stage, undone), story));
  const failed = own.find(({ state, phase }) => state === 'failed' && phase === 'forward');
  const outcome = story.services[name];
  const isBegun = bars.length > 0;
  const ending =
    outcome !== undefined
      ? endingOf(outcome)
      : isBegun
        ? endingOf(story.state)
        : ({ tone: 'stopped', word: 'not begun' } as const);
  return {
    ...{ name, bars },
    ending:
      failed === undefined || ending.tone === 'undo'
        ? ending
        : { ...ending, word: `${phaseName(failed)} failed` },
    notDone: own
      .filter(({ state, phase }) => phase === 'forward' && (state === 'skipped' || state === 'waiting'))
      .map(({ stage }) => stage),
  };
}

/** What was done and then undone is neither: it looks like nothing that stayed. */
function toneOf({ state, phase, stage }: StageView, undone: ReadonlySet<StageView['stage']>): Tone | null {
  switch (state) {
    case 'failed':
      return 'failed';
    case 'running':
      return 'running';
    case 'done':
      if (phase === 'unwind') return 'undo';
      return undone.has(stage) && stage !== 'verify' ? 'taken-back' : 'done';
    case 'waiting':
    case 'skipped':
      return null;
  }
}

/** Clocks are set while things run: nothing ends before it began. */
function barOf(stage: StageView, tone: Tone | null, { finishedAt }: Story): readonly Bar[] {
  const begun = stage.startedAt ?? stage.endedAt;
  if (tone === null || begun === null) return [];
  const from = Date.parse(begun);
  const to = Date.parse(stage.endedAt ?? finishedAt ?? begun);
  return [{ name: phaseName(stage), tone, from, to: Math.max(from, to) }];
}
