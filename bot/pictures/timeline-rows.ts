import { took } from '../render/text.ts';
import { cutTo, line, type Drawn, type Svg } from './svg.ts';
import type { TimeScale } from './time-scale.ts';
import { placeBars } from './timeline-lanes.ts';
import type { Bar, Row } from './timeline.ts';
import { ink, toned, tones } from './tone.ts';

/** Where bars are drawn, when is where, and how far words may go around them. */
export interface Field {
  readonly x: number;
  readonly width: number;
  readonly scale: TimeScale;
  readonly left: number;
  readonly right: number;
}

const size = 22;
const rowHeight = 42;
const laneHeight = 36;
const barHeight = 30;

/** A service with each of its stages by name. */
export function detailedRow(row: Row, y: number, field: Field): Drawn {
  const { left, right } = field;
  const { lanes, placed } = placeBars(row.bars, labelOf, field);
  const name = cutTo(row.name, 420, { size, bold: true });
  const parts = [
    line(name, { x: left, y: y + 28, size, ink: ink.plain, bold: true }),
    line(cutTo(endingText(row), right - left - 440, { size }), {
      ...{ x: right, y: y + 28, size, ink: ink.plain, anchor: 'end' },
    }),
    ...placed.flatMap(({ bar, from, to, lane, label }): readonly Svg[] => {
      const top = y + rowHeight + lane * laneHeight;
      const on = label.inside ? tones[bar.tone].ink : ink.plain;
      return [
        toned({ x: from, y: top, width: to - from, height: barHeight }, bar.tone),
        line(label.text, { x: label.x, y: top + 22, size: 20, ink: on }),
      ];
    }),
  ];
  const after = y + rowHeight + lanes * laneHeight;
  if (row.notDone.length === 0) return { parts, y: after + 8 };
  const never = cutTo(`not done: ${row.notDone.join(', ')}`, right - left, { size: 20 });
  return {
    parts: [...parts, line(never, { x: left, y: after + 22, size: 20, ink: ink.soft })],
    y: after + 38,
  };
}

/** A service or job on one line: its name, its bars and how it ended. */
export function compactRow(row: Row, y: number, { scale, x, width, left, right }: Field): Drawn {
  const middle = y + 29;
  const bars = row.bars
    .toSorted((a, b) => loudness(a) - loudness(b))
    .flatMap((bar): readonly Svg[] => {
      const least = bar.tone === 'failed' ? 24 : 4;
      const from = Math.min(scale.x(bar.from), x + width - least);
      const wide = Math.max(least, scale.x(bar.to) - from - 2);
      const { sign, ink: on } = tones[bar.tone];
      const mark = {
        x: from + wide / 2,
        y: middle - 1,
        size: 20,
        ink: on,
        bold: true,
        anchor: 'middle',
      } as const;
      const area = { x: from, y: y + 6, width: wide, height: barHeight };
      return [toned(area, bar.tone), ...(wide >= 24 ? [line(sign, mark)] : [])];
    });
  const end = x + width + 14;
  return {
    parts: [
      line(cutTo(row.name, x - left - 12, { size }), { x: left, y: middle, size, ink: ink.plain }),
      ...bars,
      line(cutTo(endingText(row), right - end, { size: 20 }), {
        x: end,
        y: middle,
        size: 20,
        ink: ink.plain,
      }),
    ],
    y: y + rowHeight,
  };
}

/** However short a failure was, nothing hides it. */
function loudness({ tone }: Bar): number {
  return tone === 'failed' ? 1 : 0;
}

function endingText({ ending }: Row): string {
  return `${tones[ending.tone].sign} ${ending.word}`;
}

/** `✓ deploy 4.2s` */
function labelOf({ name, tone, from, to }: Bar): string {
  return `${tones[tone].sign} ${name} ${took(to - from)}`;
}
