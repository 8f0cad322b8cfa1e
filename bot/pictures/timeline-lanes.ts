import { cutTo, widthOf } from './svg.ts';
import type { TimeScale } from './time-scale.ts';
import type { Bar } from './timeline.ts';

interface Label {
  readonly text: string;
  readonly x: number;
  readonly inside: boolean;
}
export interface PlacedBar {
  readonly bar: Bar;
  readonly from: number;
  readonly to: number;
  readonly lane: number;
  readonly label: Label;
}

const least = 8;
const space = 10;
const size = 20;

/** Bars with their labels, each as high up as there is room: a label never covers another bar. */
export function placeBars(
  bars: readonly Bar[],
  labelOf: (bar: Bar) => string,
  area: { readonly x: number; readonly width: number; readonly scale: TimeScale },
): { readonly lanes: number; readonly placed: readonly PlacedBar[] } {
  const ends: number[] = [];
  const placed = bars
    .toSorted((a, b) => a.from - b.from)
    .map((bar): PlacedBar => {
      const from = Math.min(area.scale.x(bar.from), area.x + area.width - least);
      const to = Math.max(from + least, area.scale.x(bar.to));
      const label = placeLabel(labelOf(bar), { from, to }, area);
      const taken = { from: Math.min(from, label.x), to: Math.max(to, label.x + widthOf(label.text, size)) };
      const free = ends.findIndex((end) => end + space <= taken.from);
      const lane = free === -1 ? ends.length : free;
      ends[lane] = taken.to;
      return { bar, from, to, lane, label };
    });
  return { lanes: ends.length, placed };
}

/** In the bar, else behind it, else before it. */
function placeLabel(
  text: string,
  bar: { readonly from: number; readonly to: number },
  area: { readonly x: number; readonly width: number },
): Label {
  const wide = widthOf(text, size);
  if (wide + 2 * space <= bar.to - bar.from) return { text, x: bar.from + space, inside: true };
  if (bar.to + space + wide <= area.x + area.width) return { text, x: bar.to + space, inside: false };
  if (bar.from - space - wide >= area.x) return { text, x: bar.from - space - wide, inside: false };
  return { text: cutTo(text, bar.to - bar.from - 2 * space, { size }), x: bar.from + space, inside: true };
}
