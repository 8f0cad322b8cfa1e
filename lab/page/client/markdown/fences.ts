/** A piece of one line of a code block, with the look it has. */
export interface Piece {
  readonly text: string;
  /** Classes of the look: `added`, `removed`, `bold`, `red`, … */
  readonly look: readonly string[];
}
export type FenceLine = readonly Piece[];

/** The lines of a code block; `diff` and `ansi` blocks are coloured as Discord colours them. */
export function fenceLines(language: string, code: string): readonly FenceLine[] {
  if (language === 'ansi') return ansiLines(code);
  const lines = code.split('\n');
  return language === 'diff'
    ? lines.map((line) => [{ text: line, look: diffLook(line) }])
    : lines.map((line) => [{ text: line, look: [] }]);
}

function diffLook(line: string): readonly string[] {
  if (/^(\+\+\+|---|@@)/.test(line)) return ['position'];
  if (line.startsWith('+')) return ['added'];
  return line.startsWith('-') ? ['removed'] : [];
}

const COLOURS = ['grey', 'red', 'green', 'yellow', 'blue', 'pink', 'cyan', 'white'] as const;
// eslint-disable-next-line no-control-regex -- terminal colours are made of control characters
const PAINT = /\u001b\[([\d;]*)m/;

/** What is switched on stays on over the end of a line, as in a terminal. */
function ansiLines(code: string): readonly FenceLine[] {
  let look: readonly string[] = [];
  return code.split('\n').map((line) =>
    line.split(PAINT).flatMap((part, index) => {
      if (index % 2 === 0) return part === '' ? [] : [{ text: part, look }];
      look = part.split(';').reduce(repaint, look);
      return [];
    }),
  );
}

function repaint(look: readonly string[], code: string): readonly string[] {
  const number = Number(code);
  if (number === 0) return [];
  if (number === 1) return [...look, 'bold'];
  if (number === 4) return [...look, 'underlined'];
  const colour = COLOURS[number - 30];
  if (colour === undefined) return look;
  return [...look.filter((each) => !COLOURS.some((name) => name === each)), colour];
}
