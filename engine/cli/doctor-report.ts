import { areaNames, areas, type Finding } from '../doctor/index.ts';
import { count, paint, type Style } from './print.ts';

const width = 80;
const marks = { good: '✅', warning: '⚠️ ', wrong: '❌', skipped: '➖' } as const;
const colours = { good: null, warning: 'yellow', wrong: 'red', skipped: 'dim' } as const;

/** The verdict, then area by area what was found; how to mend a thing stands below it. */
export function renderFindings(findings: readonly Finding[], style: Style): string {
  const blocks = areaNames.flatMap((area) => {
    const found = findings.filter((finding) => finding.area === area);
    return found.length === 0
      ? []
      : [[areas[area], ...together(found).flatMap((each) => linesOf(each, style))].join('\n')];
  });
  return `${[...blocks, verdict(findings, style)].join('\n\n')}\n`;
}

/** What is good about one thing is one sentence. */
function together(findings: readonly Finding[]): readonly Finding[] {
  return findings.reduce<readonly Finding[]>((told, each) => {
    const last = told.at(-1);
    if (last?.state !== 'good' || each.state !== 'good' || last.subject !== each.subject)
      return [...told, each];
    return [...told.slice(0, -1), { ...last, says: `${last.says.replace(/\.$/, '')}; ${each.says}` }];
  }, []);
}

function linesOf({ state, subject, says, mend, code }: Finding, { color }: Style): readonly string[] {
  const word = state === 'good' || state === 'skipped' ? '' : `${state}: `;
  const colour = colours[state];
  const text = wrapped(`${word}${says.startsWith(subject) ? says : `${subject}: ${says}`}`, width - 5).map(
    (line, index) => `${index === 0 ? `  ${marks[state]} ` : '     '}${line}`,
  );
  const told = colour === null ? text : text.map((line) => paint(color, colour, line));
  if (mend === null) return told;
  const how = wrapped(`${mend}${code === undefined ? '' : ` (${code})`}`, width - 7);
  return [...told, ...how.map((line, index) => `     ${index === 0 ? '→' : ' '} ${line}`)];
}

function verdict(findings: readonly Finding[], { color }: Style): string {
  const of = (state: Finding['state']): number => findings.filter((each) => each.state === state).length;
  const [wrong, warnings] = [of('wrong'), of('warning')];
  const looked = `Looked at ${count(findings.length, 'thing')}; nothing was changed.`;
  const more = warnings === 0 ? '' : `, ${count(warnings, 'warning')}`;
  if (wrong > 0) return `${paint(color, 'red', `❌ ${count(wrong, 'problem')}${more}.`)} ${looked}`;
  return warnings > 0
    ? `${paint(color, 'yellow', `⚠️  It works, with ${count(warnings, 'warning')}.`)} ${looked}`
    : `${paint(color, 'green', '✅ Everything is as it should be.')} ${looked}`;
}

/** Long words, such as paths, stay whole. */
function wrapped(text: string, most: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.replaceAll(/\s+/g, ' ').trim().split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > most) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
