import type { Chapter, StageView, StepView, Story } from '../story/fold.ts';
import { colour, type Embed, type Field, type Message } from './message.ts';
import { evidenceFields, problemEmbed, problemsFile, problemText } from './problem.ts';
import { renderPipelineChapter } from './stage-pipeline.ts';
import { looks, phaseName } from './story.ts';
import { between, code, link, person, plain, short, took, words } from './text.ts';

/** One message of a deployment's thread. */
export function renderChapter(chapter: Chapter, story: Story): Message {
  switch (chapter.kind) {
    case 'stage':
      return renderStage(chapter.stage);
    case 'unwinding':
      return {
        embeds: [
          {
            title: `↩️ Undoing ${words(chapter.service)}`,
            colour: colour.warning,
            description: words(chapter.because.message),
          },
        ],
      };
    case 'git':
      return { embeds: [gitEmbed(chapter.event)] };
    case 'pipeline':
    case 'jobs':
    case 'job-failed':
    case 'gate':
    case 'played':
      return renderPipelineChapter(chapter);
    case 'abort':
      return {
        embeds: [
          {
            title: '🛑 Abort requested',
            colour: colour.warning,
            description: `${chapter.by.id === 'sentinel' ? 'Sentinel is shut down' : `by ${person(chapter.by)}`}. ${story.pipeline === null ? 'What was done is undone.' : 'Its pipeline is cancelled.'}`,
          },
        ],
      };
    case 'interrupted':
      return {
        embeds: [
          {
            title: '⚡ Interrupted',
            colour: colour.warning,
            description: 'Sentinel stopped here. Nothing further was done.',
          },
        ],
      };
    case 'end':
      return { embeds: [endEmbed(story)] };
  }
}

function renderStage(stage: StageView): Message {
  const failed = stage.state === 'failed';
  const problems = stage.steps.flatMap(({ problem }) => problem ?? []);
  const ms =
    stage.startedAt === null || stage.endedAt === null
      ? null
      : Date.parse(stage.endedAt) - Date.parse(stage.startedAt);
  return {
    embeds: [
      {
        title: `${failed ? '❌' : '✅'} ${phaseName(stage)} · ${words(stage.service)} — ${failed ? 'failed' : 'done'}`,
        colour: failed ? colour.bad : colour.good,
        description: stage.steps.map(stepText).join('\n'),
        fields: evidenceFields(problems.flatMap(({ evidence }) => evidence ?? [])),
        footer: [stage.systems.map(plain).join(', '), ms === null ? '' : took(ms), problems[0]?.code ?? '']
          .filter((part) => part !== '')
          .join(' · '),
        ...(stage.endedAt === null ? {} : { timestamp: stage.endedAt }),
      },
    ],
    ...(problems.length > 0 ? { whole: problemsFile(problems) } : {}),
  };
}

function stepText({ step, state, did, problem, because }: StepView): string {
  if (problem !== null) return problemText(problem, { evidence: false });
  if (because !== null) return `skipped: ${words(because)}`;
  const lines = did.map((line) => `• ${words(line)}`);
  return lines.length > 0 ? lines.join('\n') : `• ${words(step.target)}: ${state}`;
}

function gitEmbed(event: Extract<Chapter, { kind: 'git' }>['event']): Embed {
  const url = event.url ?? null;
  const commit =
    event.commit === null
      ? ''
      : ` ${url === null ? code(short(event.commit)) : link(short(event.commit), url)}`;
  if (event.problem !== null)
    return problemEmbed(`🟠 Git: ${words(event.branch)} is not in step`, event.problem);
  return {
    title: event.action === 'pushed' ? '✅ git — commit published' : '↩️ git — commit taken back',
    colour: colour.good,
    description: `• ${event.action === 'pushed' ? 'pushed' : 'reverted with'}${commit} on ${code(event.branch)}`,
  };
}

function endEmbed(story: Story): Embed {
  const look = looks[story.state];
  const fields: Field[] = Object.entries(story.services).map(([name, outcome]) => ({
    name: words(name),
    value: `${looks[outcome].symbol} ${looks[outcome].word}`,
    inline: true,
  }));
  return {
    title: `${look.symbol} ${look.word.slice(0, 1).toUpperCase()}${look.word.slice(1)}`,
    colour: look.colour,
    ...(story.problem === null ? {} : { description: problemText(story.problem, { evidence: false }) }),
    fields: fields.length > 1 ? fields : [],
    footer: `deployment ${story.deployment} · ${between(story.startedAt, story.finishedAt ?? story.startedAt)}`,
    ...(story.finishedAt === null ? {} : { timestamp: story.finishedAt }),
  };
}
