import type { Warning } from '../definitions/index.ts';
import type { Problem } from '../problems.ts';

export interface Style {
  readonly color: boolean;
}

/** `file:line:column  message`, an indented hint, and what the failing command said. */
export function renderProblem(
  { code, message, where, hint, evidence = [] }: Problem,
  { color }: Style,
): string {
  const lines = [`${paint(color, 'red', where ?? code)}  ${message}`];
  if (hint !== undefined) lines.push(paint(color, 'dim', `    ${hint}`));
  for (const { title, text } of evidence)
    lines.push(...[`${title}:`, ...text.split('\n')].map((line) => paint(color, 'dim', `    ${line}`)));
  return `${lines.join('\n')}\n`;
}

export function renderProblems(problems: readonly Problem[], style: Style): string {
  return problems.map((problem) => renderProblem(problem, style)).join('');
}

/** Below a heading, because nothing else tells them from problems where there is no colour. */
export function renderWarnings(warnings: readonly Warning[], { color }: Style): string {
  if (warnings.length === 0) return '';
  const lines = warnings.map(
    ({ where, message, hint }) =>
      `${paint(color, 'yellow', where)}  ${message}\n${paint(color, 'dim', `    ${hint}`)}\n`,
  );
  return `${paint(color, 'yellow', 'warnings')}\n${lines.join('')}`;
}

/** `1 problem`, `2 problems`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

/** Only on a terminal, and never where NO_COLOR is set. */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  return isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

const codes = { red: [31, 39], green: [32, 39], yellow: [33, 39], dim: [2, 22] } as const;

export function paint(color: boolean, style: keyof typeof codes, text: string): string {
  const [start, end] = codes[style];
  return color ? `\u001b[${start}m${text}\u001b[${end}m` : text;
}
