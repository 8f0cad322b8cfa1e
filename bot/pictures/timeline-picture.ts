import type { Picture } from '../render/message.ts';
import { count, inARow, plain, took } from '../render/text.ts';
import type { Story } from '../story/fold.ts';
import { named } from './named.ts';
import { timelineOf, type Row, type Timeline } from './timeline.ts';
import { timelineSvg } from './timeline-svg.ts';

/** What was done when, by host and service or by job; null where one service needs no picture. */
export function timelinePicture(story: Story): Picture | null {
  const timeline = timelineOf(story);
  if (timeline === null) return null;
  return named('timeline', { svg: timelineSvg(timeline), description: timelineWords(timeline) });
}

const mostNamed = 12;

/** The same in words: what did not go well by name first, then the rest. */
export function timelineWords({ title, outcome, subtitle, groups, more }: Timeline): string {
  const rows = groups.flatMap(({ name, rows }) => rows.map((row) => ({ group: name, row })));
  const unwell = rows.filter(({ row }) => row.ending.tone !== 'done');
  const well = rows.filter(({ row }) => row.ending.tone === 'done');
  const where = (group: string): string => (group === '' ? '' : ` (${plain(group)})`);
  const told = unwell
    .slice(0, mostNamed)
    .map(({ group, row }) => `${plain(row.name)}${where(group)}: ${rowWords(row)}`);
  const names = well.slice(0, mostNamed).map(({ row }) => `${plain(row.name)} ${took(lengthOf(row))}`);
  const rest = well.length - names.length;
  const went = rest > 0 ? [...names, count(rest, 'more line')] : names;
  return [
    `Timeline: ${title}, ${outcome.word}, ${subtitle}.`,
    ...told.map((line) => `${line}.`),
    ...(went.length > 0 ? [`Went well: ${inARow(went)}.`] : []),
    ...(more === null ? [] : [`${more}.`]),
  ].join(' ');
}

function rowWords({ ending, bars, notDone }: Row): string {
  const failed = bars.filter(({ tone }) => tone === 'failed').map(({ name }) => name);
  return [
    ending.word,
    ...(failed.length > 0 && !ending.word.includes('failed') ? [`${inARow(failed)} failed`] : []),
    ...(notDone.length > 0 ? [`not done: ${notDone.join(', ')}`] : []),
  ].join(', ');
}

function lengthOf({ bars }: Row): number {
  return Math.max(...bars.map(({ to }) => to)) - Math.min(...bars.map(({ from }) => from));
}
