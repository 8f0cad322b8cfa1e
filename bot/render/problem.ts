import { problems as meanings, type Evidence, type Problem } from '../../engine/index.ts';
import { colour, type Embed, type Field, type Message, type TextFile } from './message.ts';
import { code, collapse, count, fence, prose, tail, words } from './text.ts';

const shownProblems = 10;

/** What was refused or went wrong, for the person who asked: what, where, what to do next. */
export function renderProblems(problems: readonly Problem[], reference?: string): Message {
  const [first] = problems;
  if (!first) return renderProblems([{ code: 'unexpected', message: 'No reason was given.' }], reference);
  const refused = first.code === 'not-allowed' || first.code === 'own-request';
  const rest = problems.length - shownProblems;
  return {
    embeds: [
      {
        title: `${refused ? '🔒' : '❌'} ${problems.length === 1 ? meaningOf(first) : count(problems.length, 'problem')}`,
        colour: refused ? colour.quiet : colour.bad,
        description: [
          ...problems.slice(0, shownProblems).map((problem) => problemText(problem, { evidence: false })),
          ...(rest > 0 ? [`…and ${rest} more.`] : []),
        ].join('\n\n'),
        fields: evidenceFields(problems.flatMap(({ evidence }) => evidence ?? [])),
        // A surprise may come after something was done.
        footer: [first.code === 'unexpected' ? undefined : 'Nothing was changed', first.code, reference]
          .filter((part) => part !== undefined)
          .join(' · '),
      },
    ],
    whole: problemsFile(problems),
  };
}

/** Place, sentence and hint. */
export function problemText(problem: Problem, { evidence }: { readonly evidence: boolean }): string {
  const lines = [
    `${placeOf(problem)}${words(problem.message)}`,
    ...hintOf(problem),
    ...(evidence ? (problem.evidence ?? []).map(({ text }) => fence(tail(collapse(text), 900))) : []),
  ];
  return lines.join('\n');
}

/** Said once: most sentences name their host themselves. */
function placeOf({ where, message }: Problem): string {
  if (where === undefined) return '';
  const host = where.replace(/^\w+:\/\//, '').replace(/[/?].*$/, '');
  const named = [where, host, host.replace(/:\d+$/, '')].some(
    (name) => name !== '' && message.includes(name),
  );
  return named ? '' : `${code(where)} `;
}

/** Nobody is left with a system that is down and no word about what to do. */
function hintOf({ code: kind, hint }: Problem): readonly string[] {
  if (hint !== undefined) return [`→ ${prose(hint)}`];
  return kind === 'system-unreachable'
    ? ['→ See that it runs and can be reached from where Sentinel runs, then try again.']
    : [];
}

function meaningOf({ code: kind, message }: Problem): string {
  if (kind === 'already-decided' && message.includes('no longer runs; it ended'))
    return 'It has ended already';
  const nowhere = kind === 'release-unknown' && message.includes('no earlier verified release');
  return nowhere ? 'Nothing to roll back to' : meanings[kind];
}

/** The last lines of what failed, each in a block of its own. */
export function evidenceFields(evidence: readonly Evidence[]): readonly Field[] {
  return evidence
    .filter(({ text }) => text.trim() !== '')
    .slice(0, 4)
    .map(({ title, text }) => ({ name: words(title) || 'output', value: fence(tail(collapse(text), 900)) }));
}

/** Everything there is to say, for when an embed is too small. */
export function problemsFile(problems: readonly Problem[]): TextFile {
  const text = problems.map(({ where, message, hint, evidence }) =>
    [
      `${where === undefined ? '' : `${where}  `}${message}`,
      ...(hint === undefined ? [] : [`  → ${hint}`]),
      ...(evidence ?? []).map((each) => `--- ${each.title}\n${each.text}`),
    ].join('\n'),
  );
  return { name: 'problems.txt', text: text.join('\n\n') };
}

/** One problem as an embed of its own, in a thread. */
export function problemEmbed(title: string, problem: Problem): Embed {
  return {
    title,
    colour: colour.bad,
    description: problemText(problem, { evidence: false }),
    fields: evidenceFields(problem.evidence ?? []),
    footer: problem.code,
  };
}
