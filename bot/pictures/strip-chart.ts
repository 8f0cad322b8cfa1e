import { totalOf, type OutcomeCounts, type Statistics } from '../../engine/index.ts';
import type { Picture } from '../render/message.ts';
import { statisticsLine } from '../render/statistics.ts';
import { plain } from '../render/text.ts';
import { named } from './named.ts';
import { cutTo, line, picture, rule, type Svg } from './svg.ts';
import { ink, legend, patterns, toned, tones, type Tone } from './tone.ts';

const width = 880;
const margin = 28;
const plot = { x: 68, top: 104, width: width - 68 - margin, height: 130 } as const;
const floor = plot.top + plot.height;
/** A single deployment is not as tall as the picture. */
const leastScale = 4;

interface Part {
  readonly tone: Tone;
  readonly word: string;
  readonly of: (counts: OutcomeCounts) => number;
}
/** From the bottom up: what went wrong is on top, where nothing hides it. */
const stack: readonly Part[] = [
  { tone: 'done', word: 'well', of: (counts) => counts.succeeded },
  { tone: 'stopped', word: 'stopped', of: (counts) => counts.cancelled },
  { tone: 'partly', word: 'degraded', of: (counts) => counts.degraded },
  { tone: 'undo', word: 'undone', of: (counts) => counts['rolled-back'] },
  { tone: 'failed', word: 'failed', of: (counts) => counts.failed + counts['needs-attention'] },
];

/** Deployments of each day; null before there were any. */
export function statisticsPicture(statistics: Statistics, environment: string): Picture | null {
  const words = statisticsLine(statistics);
  if (words === null) return null;
  const where = plain(environment);
  const description = `Deployments to ${where} of each of the last ${statistics.days.length} days: ${words}. ${daysWords(statistics)}`;
  return named('deployments', { svg: statisticsSvg(statistics, where), description });
}

/** Bars per day, stacked by how it went. */
export function statisticsSvg({ days, counts }: Statistics, environment: string): Svg {
  const most = Math.max(leastScale, ...days.map(totalOf));
  const title = cutTo(`Deployments to ${environment}, last ${days.length} days`, width - 2 * margin, {
    ...{ size: 26, bold: true },
  });
  const present = stack.filter(({ of }) => of(counts) > 0);
  const entries = present.map(({ tone, of, word }) => ({ tone, word: `${of(counts)} ${word}` }));
  return picture(width, floor + 98, [
    patterns,
    line(title, { x: margin, y: 50, size: 26, ink: ink.plain, bold: true }),
    ...axes(days.length, most),
    ...days.flatMap((day, at) => dayBars(day, at, { days: days.length, most })),
    legend(entries, { x: margin, y: floor + 76 }),
  ]);
}

function axes(days: number, most: number): readonly Svg[] {
  const slot = plot.width / days;
  const label = { size: 20, ink: ink.soft };
  const middle = Math.round(most / 2);
  const heights = [0, middle, most].flatMap((amount) => {
    const y = floor - (amount / most) * plot.height;
    return [
      rule(plot.x, y, { x: plot.x + plot.width, y }),
      line(String(amount), { ...label, x: plot.x - 12, y: y + 7, anchor: 'end' }),
    ];
  });
  const marked = days > 20 ? [20, 10] : [];
  const y = floor + 28;
  return [
    ...heights,
    line(`${days} days ago`, { ...label, x: plot.x, y }),
    ...marked.map((ago) =>
      line(String(ago), { ...label, x: plot.x + (days - ago) * slot, y, anchor: 'middle' }),
    ),
    line('now', { ...label, x: plot.x + plot.width, y, anchor: 'end' }),
  ];
}

function dayBars(
  day: OutcomeCounts,
  at: number,
  { days, most }: { readonly days: number; readonly most: number },
): readonly Svg[] {
  const slot = plot.width / days;
  const x = plot.x + at * slot + 2;
  const bar = slot - 4;
  let y = floor;
  const parts: Svg[] = [];
  let worst: Tone | null = null;
  for (const { tone, of } of stack) {
    const height = (of(day) / most) * plot.height;
    if (height === 0) continue;
    y -= height;
    parts.push(toned({ x, y: y + 1, width: bar, height: height - 1 }, tone));
    worst = tone;
  }
  if (worst === null || worst === 'done') return parts;
  const sign = { x: x + bar / 2, y: y - 5, size: 20, ink: ink.plain, bold: true, anchor: 'middle' } as const;
  return [...parts, line(tones[worst].sign, sign)];
}

const mostDays = 6;

/** The days on which something did not go well, the latest first. */
function daysWords({ days }: Statistics): string {
  const unwell = days
    .flatMap((day, at) => {
      const said = stack.slice(1).flatMap(({ of, word }) => (of(day) === 0 ? [] : [`${of(day)} ${word}`]));
      return said.length === 0 ? [] : [`${agoWords(days.length - 1 - at)}: ${said.join(', ')}`];
    })
    .toReversed();
  const more = unwell.length > mostDays ? ['and some days before'] : [];
  return unwell.length === 0 ? '' : `${[...unwell.slice(0, mostDays), ...more].join('; ')}.`;
}

function agoWords(days: number): string {
  return days === 0 ? 'in the last 24 hours' : days === 1 ? 'a day ago' : `${days} days ago`;
}
