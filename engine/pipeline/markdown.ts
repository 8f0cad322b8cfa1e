import { oneLine } from '../notify/one-line.ts';

/**
 * Text of a stranger as Markdown of GitLab: inside a code span nothing is a mention, a link, HTML or a command, and
 * what could end the span is taken out.
 */
export function code(text: string): string {
  const line = oneLine(text.replaceAll('`', 'ˋ'), 200);
  return line === '' ? '–' : `\`${line}\``;
}
