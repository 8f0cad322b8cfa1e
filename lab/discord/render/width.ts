const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
// eslint-disable-next-line no-control-regex -- terminal colours are made of control characters
const ESCAPES = /\u001b\[[\d;]*m/g;
const WIDE =
  /\p{Emoji_Presentation}|\p{Emoji}\ufe0f|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u;

export function strip(text: string): string {
  return text.replace(ESCAPES, '');
}

/** Terminal columns: most emoji and East Asian signs take two, colours none. */
export function widthOf(text: string): number {
  return [...segmenter.segment(strip(text))].reduce(
    (sum, { segment }) => sum + (WIDE.test(segment) ? 2 : 1),
    0,
  );
}

export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Breaks at spaces, inside a word only when it is longer than a line; keeps the indentation. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, width));
}

function wrapLine(line: string, width: number): readonly string[] {
  if (widthOf(line) <= width) return [line];
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let current = '';
  for (const word of line.trimStart().split(/(?<= )/)) {
    if (current !== '' && widthOf(current + word.trimEnd()) + indent.length > width) {
      lines.push(indent + current.trimEnd());
      current = '';
    }
    current += word;
    while (widthOf(current) + indent.length > width) {
      const head = headOf(current, width - indent.length);
      lines.push(indent + head);
      current = current.slice(head.length);
    }
  }
  return current.trim() === '' ? lines : [...lines, indent + current.trimEnd()];
}

function headOf(text: string, width: number): string {
  let head = '';
  for (const { segment } of segmenter.segment(text)) {
    if (head !== '' && widthOf(head + segment) > width) return head;
    head += segment;
  }
  return head;
}
