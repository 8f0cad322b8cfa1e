import type { ShownChange } from '../../engine/index.ts';
import { inline, words } from './text.ts';

/** Hashes and Docker's own words tell a person less than what happened. */
export function changeLine({ what, before, after }: ShownChange): string {
  if (before === null) return `${words(what)}: new`;
  if (after === null) return `${words(what)}: gone`;
  const isHash = [before, after].every((side) => /^[0-9a-f]{12}$/.test(side));
  if (isHash || (before === 'differs' && after === 'current')) return `${words(what)}: changed`;
  return `${words(what)}: ${inline(before)} → ${inline(after)}`;
}
