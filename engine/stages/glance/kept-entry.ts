import { endingOf, type Line } from './lines.ts';

/** The lines of an entry, apart from where they stand, so that the same entry is the same text everywhere. */
export interface KeptEntry {
  /** Lines between it and what stands before it in its list: comments, blank lines. */
  readonly gap: number;
  /** Its lines cannot be moved to another indentation without losing a byte. */
  readonly exact: boolean;
  /** Lines joined by line feeds, without their common indentation unless `exact`. */
  readonly text: string;
}

const header = /^#gap=(\d+) exact=([01])\n/;

/** What is kept on the host; plain entries are kept as they read. */
export function formatKept({ gap, exact, text }: KeptEntry): string {
  return gap === 0 && !exact ? text : `#gap=${gap} exact=${exact ? 1 : 0}\n${text}`;
}

export function parseKept(kept: string): KeptEntry {
  const [whole = '', gap = '0', exact = '0'] = header.exec(kept) ?? [];
  return { gap: Number(gap), exact: exact === '1', text: kept.slice(whole.length) };
}

/** The lines to write at an indentation. */
export function linesOf(
  { exact, text }: Pick<KeptEntry, 'exact' | 'text'>,
  indent: number,
): readonly string[] {
  const lines = text.split('\n');
  return exact ? lines : lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line));
}

/** Takes lines out of a file's text for keeping. */
export function keptOf(lines: readonly Line[], file: readonly Line[], gap: number): KeptEntry {
  const indent = /^ */.exec(lines[0]?.text ?? '')?.[0].length ?? 0;
  const moved = lines.map(({ text }) => text.replace(new RegExp(`^ {0,${indent}}`), '')).join('\n');
  const same = linesOf({ exact: false, text: moved }, indent).every(
    (text, index) => text === lines[index]?.text,
  );
  const ending = endingOf(file);
  const even = lines.slice(0, -1).every(({ eol }) => eol === ending);
  if (same && even) return { gap, exact: false, text: moved };
  const raw = (line: Line, index: number): string =>
    line.text + (index < lines.length - 1 && line.eol === '\r\n' && ending === '\n' ? '\r' : '');
  return { gap, exact: true, text: lines.map(raw).join('\n') };
}
