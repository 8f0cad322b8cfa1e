import { totalOf, type OutcomeCounts, type Statistics } from '../../engine/index.ts';
import type { Field } from './message.ts';
import { count, took } from './text.ts';

/** `36 of 41 deployments went well, 2 were undone; back to good after 6m (median)`; null before there were any. */
export function statisticsLine({ counts, recovery }: Statistics): string | null {
  const total = totalOf(counts);
  if (total === 0) return null;
  const unwell = outcomeParts(counts);
  const all = total === 1 ? 'it went well' : 'all went well';
  const back =
    recovery === null
      ? ''
      : `; back to good after ${took(recovery.medianMs)}${recovery.times > 1 ? ' (median)' : ''}`;
  const parts =
    unwell.length === 0
      ? [count(total, 'deployment'), all]
      : [`${counts.succeeded} of ${count(total, 'deployment')} went well`, ...unwell];
  return `${parts.join(', ')}${back}`;
}

/** `3 were undone`, for everything that did not go well. */
function outcomeParts(counts: OutcomeCounts): readonly string[] {
  const were = (amount: number): string => (amount === 1 ? 'was' : 'were');
  const parts: readonly (readonly [number, string])[] = [
    [counts.degraded, `${were(counts.degraded)} degraded`],
    [counts['rolled-back'], `${were(counts['rolled-back'])} undone`],
    [counts.failed + counts['needs-attention'], 'failed'],
    [counts.cancelled, `${were(counts.cancelled)} stopped`],
  ];
  return parts.flatMap(([amount, word]) => (amount === 0 ? [] : [`${amount} ${word}`]));
}

export function statisticsField(statistics: Statistics): readonly Field[] {
  const value = statisticsLine(statistics);
  return value === null ? [] : [{ name: `Last ${statistics.days.length} days`, value }];
}
