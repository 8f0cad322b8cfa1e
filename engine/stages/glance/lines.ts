/** One line of a file and what ends it: a line feed with or without a carriage return, or nothing at the very end. */
export interface Line {
  readonly text: string;
  readonly eol: string;
}

/** Every byte of the text is in exactly one line. */
export function splitLines(text: string): readonly Line[] {
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((whole) => {
    const [eol = ''] = /\r?\n$/.exec(whole) ?? [];
    return { text: whole.slice(0, whole.length - eol.length), eol };
  });
}

export function joinLines(lines: readonly Line[]): string {
  return lines.map(({ text, eol }) => text + eol).join('');
}

/** How lines of that file end, going by most of them. */
export function endingOf(lines: readonly Line[]): string {
  const returns = lines.filter(({ eol }) => eol === '\r\n').length;
  return returns * 2 > lines.length ? '\r\n' : '\n';
}

export interface Splice {
  /** Number of the first line that goes, or before which others come; from 0. */
  readonly at: number;
  readonly remove: number;
  /** Without what ends them; an inner carriage return stays. */
  readonly insert: readonly string[];
}

/** Replaces lines. A file without a line feed at its end stays one; all other lines stay what they are. */
export function splice(lines: readonly Line[], { at, remove, insert }: Splice): readonly Line[] {
  const eol = endingOf(lines);
  const head = lines.slice(0, at);
  const tail = lines.slice(at + remove);
  const open = lines.length > 0 && lines.at(-1)?.eol === '';
  const made = insert.map((text) => ({ text, eol }));
  const all = [...head, ...made, ...tail];
  if (!open || tail.length > 0) return all;
  // The line before takes over being the last, or stops being it.
  return all.map((line, index) => {
    if (index === all.length - 1) return { ...line, eol: '' };
    return line.eol === '' ? { ...line, eol } : line;
  });
}
