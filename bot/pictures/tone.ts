import { box, line, widthOf, type Box, type Svg } from './svg.ts';

/** What a piece of a picture means. Told by colour, by pattern, by a sign and, in the legend, by a word. */
export type Tone = 'done' | 'taken-back' | 'failed' | 'undo' | 'running' | 'stopped' | 'partly';

interface Look {
  readonly sign: string;
  readonly word: string;
  readonly fill: string;
  /** Of what is written on it. */
  readonly ink: string;
  readonly edge?: string;
}

export const ink = { plain: '#f2f3f5', soft: '#c4c9ce' } as const;

/** Signs are those the font has. */
export const tones: Readonly<Record<Tone, Look>> = {
  done: { sign: '✓', word: 'done', fill: '#248046', ink: '#ffffff' },
  partly: { sign: '!', word: 'failed, allowed', fill: 'url(#partly)', ink: '#1e1f22' },
  'taken-back': { sign: '✓', word: 'done, then undone', fill: '#232428', edge: '#4cc27c', ink: '#ffffff' },
  failed: { sign: '✗', word: 'failed', fill: 'url(#failed)', ink: '#ffffff' },
  undo: { sign: '↩', word: 'undo', fill: 'url(#undo)', ink: '#ffffff' },
  running: { sign: '…', word: 'not ended', fill: '#f0b232', ink: '#1e1f22' },
  stopped: { sign: '■', word: 'stopped', fill: '#9a9da5', ink: '#1e1f22' },
};

const stripes = (id: string, ground: string, { mark, turn }: { mark: string; turn: number }): Svg =>
  `<pattern id="${id}" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(${turn})"><rect width="10" height="10" fill="${ground}"/><rect width="3" height="10" fill="${mark}"/></pattern>`;

export const patterns: Svg = `<defs>${[
  stripes('failed', '#d83a3f', { mark: '#a32428', turn: 45 }),
  stripes('undo', '#5865f2', { mark: '#4450c4', turn: 0 }),
  stripes('partly', '#f0b232', { mark: '#d3921a', turn: -45 }),
].join('')}</defs>`;

export function toned(area: Box, tone: Tone): Svg {
  const { fill, edge } = tones[tone];
  return box(area, edge === undefined ? { fill } : { fill, edge, dashed: true });
}

/** The tones that occur, each with its sign and word. */
export function legend(
  present: readonly { readonly tone: Tone; readonly word: string }[],
  at: { readonly x: number; readonly y: number },
): Svg {
  const size = 20;
  let x = at.x;
  return present
    .map(({ tone, word }) => {
      const { sign, ink: on } = tones[tone];
      const parts = [
        toned({ x, y: at.y - 20, width: 28, height: 26 }, tone),
        line(sign, { x: x + 14, y: at.y, size, ink: on, bold: true, anchor: 'middle' }),
        line(word, { x: x + 36, y: at.y, size, ink: ink.soft }),
      ];
      x += 36 + widthOf(word, size) + 20;
      return parts.join('');
    })
    .join('');
}
