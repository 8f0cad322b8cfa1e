import type { Plan, Risk } from '../../engine/index.ts';
import { words } from './text.ts';

const wantedAndLeft: readonly Risk['code'][] = ['conflict', 'system-missing', 'system-unasked'];
const left: readonly Risk['code'][] = [...wantedAndLeft, 'system-left'];

const mostShown = 3;
const longest = 160;

/** Whether something that Git asks for is not part of the plan. */
export function isPartial({ risks }: Pick<Plan, 'risks'>): boolean {
  return risks.some(({ code }) => wantedAndLeft.includes(code));
}

/** `⚠️ Left out: …`, for who sees only how it ended. */
export function leftOutLine({ risks }: Pick<Plan, 'risks'>): readonly string[] {
  const all = risks.filter(({ code }) => left.includes(code)).map(({ message }) => firstSentence(message));
  if (all.length === 0) return [];
  const more = all.length > mostShown ? [`and ${all.length - mostShown} more`] : [];
  return [`⚠️ Left out: ${[...all.slice(0, mostShown).map(words), ...more].join('; ')}.`];
}

/** What is the matter, without what it means and what to do. */
export function firstSentence(text: string): string {
  const [first = ''] = text.split(/\.\s+(?=\p{Lu})/u);
  const bare = first.replace(/\.$/, '');
  return bare.length > longest ? `${bare.slice(0, longest - 1)}…` : bare;
}
