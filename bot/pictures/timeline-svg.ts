import { took } from '../render/text.ts';
import { box, cutTo, line, picture, rule, widthOf, type Drawn, type Svg } from './svg.ts';
import { timeScale } from './time-scale.ts';
import { compactRow, detailedRow, type Field } from './timeline-rows.ts';
import type { Timeline } from './timeline.ts';
import { ink, legend, patterns, toned, tones, type Tone } from './tone.ts';

const width = 880;
const margin = 28;
const inner = width - 2 * margin;
const size = 22;
/** More would be taller than a screen. */
const mostInDetail = 3;

/** The picture of a timeline: few services with every stage by name, many with one line each. */
export function timelineSvg(timeline: Timeline): Svg {
  const { groups, whole } = timeline;
  const rows = groups.flatMap((group) => group.rows);
  const isDetailed = rows.length <= mostInDetail && rows.some(({ bars }) => bars.length > 1);
  const [x, room] = isDetailed ? [margin, inner] : [margin + 236, inner - 236 - 216];
  const busy = rows.flatMap((row) => row.bars);
  const scale = timeScale(whole, busy, { x, width: room, tickRoom: 110 });
  const field: Field = { x, width: room, scale, left: margin, right: width - margin };
  const top = header(timeline);
  const body: Svg[] = [];
  let y = top.y + 34;
  const add = (drawn: Drawn): void => {
    body.push(...drawn.parts);
    y = drawn.y;
  };
  for (const group of groups) {
    add(groupHead(group.name, y));
    for (const row of group.rows) add(isDetailed ? detailedRow(row, y, field) : compactRow(row, y, field));
    y += 8;
  }
  const bottom = footer(timeline, y);
  const parts = [patterns, ...top.parts, ...axis(field, top.y, y), ...body, ...bottom.parts];
  return picture(width, bottom.y, parts);
}

function header({ title, subtitle, outcome }: Timeline): Drawn {
  const { sign, word, tone } = outcome;
  const badge = `${sign} ${word}`;
  const wide = widthOf(badge, 24, true) + 24;
  const big = { size: 28, bold: true };
  const under = margin + wide + 16;
  return {
    parts: [
      line(cutTo(title, inner, big), { ...big, x: margin, y: 54, ink: ink.plain }),
      toned({ x: margin, y: 74, width: wide, height: 40 }, tone),
      line(badge, {
        ...{ x: margin + wide / 2, y: 103, size: 24, ink: tones[tone].ink, bold: true, anchor: 'middle' },
      }),
      line(cutTo(subtitle, width - margin - under, { size }), { x: under, y: 102, size, ink: ink.soft }),
    ],
    y: 128,
  };
}

/** Lines through the rows with the time since the beginning, and what was cut out of it. */
function axis({ scale, x }: Field, top: number, bottom: number): readonly Svg[] {
  const text = { y: top + 20, size: 20 };
  const isClear = (at: number): boolean =>
    at < width - 60 && scale.gaps.every((gap) => Math.abs(gap.x + gap.width / 2 - at) > 110);
  const marks = scale.ticks
    .filter((tick) => isClear(tick.x))
    .map(({ x: at, ms }) =>
      ms === 0
        ? line('0', { ...text, x, ink: ink.soft })
        : rule(at, top + 28, { x: at, y: bottom }) +
          line(took(ms), { ...text, x: at, ink: ink.soft, anchor: 'middle' }),
    );
  const gaps = scale.gaps.map((gap) => {
    const area = { x: gap.x, y: top + 28, width: gap.width, height: bottom - top - 28 };
    const middle = Math.min(Math.max(gap.x + gap.width / 2, margin + 90), width - margin - 90);
    const said = line(`waits ${took(gap.to - gap.from)}`, {
      ...text,
      x: middle,
      ink: ink.plain,
      anchor: 'middle',
    });
    return box(area, { fill: '#35373c', round: 0 }) + said;
  });
  return [...gaps, ...marks];
}

function groupHead(name: string, y: number): Drawn {
  if (name === '') return { parts: [], y };
  const text = cutTo(name, inner - 60, { size: 20 });
  const from = margin + widthOf(text, 20) + 12;
  return {
    parts: [
      line(text, { x: margin, y: y + 24, size: 20, ink: ink.soft }),
      rule(from, y + 17, { x: width - margin, y: y + 17 }),
    ],
    y: y + 36,
  };
}

function footer({ groups, more }: Timeline, y: number): Drawn {
  const order: readonly Tone[] = ['done', 'partly', 'failed', 'undo', 'taken-back', 'stopped', 'running'];
  const bars = groups.flatMap(({ rows }) => rows.flatMap((row) => row.bars));
  const used = order
    .filter((tone) => bars.some((bar) => bar.tone === tone))
    .map((tone) => ({ tone, word: tones[tone].word }));
  const rest = more === null ? [] : [line(more, { x: margin, y: y + 24, size, ink: ink.plain })];
  const at = y + (more === null ? 0 : 34);
  return { parts: [...rest, legend(used, { x: margin, y: at + 32 })], y: at + 58 };
}
