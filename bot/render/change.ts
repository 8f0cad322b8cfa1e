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

/** The same within a line about `name`, which need not be said again: `backend 10.0.0.4:3030 → 10.0.0.5:3030`. */
export function changeInLine({ what, before, after }: ShownChange, name: string): string {
  const said = what.includes(name) ? '' : `${words(what)} `;
  const sides = [before, after];
  if (sides.every((side) => side !== null && /^[0-9a-f]{12,64}$/.test(side))) return `${said}changed`;
  const [from, to] = sides.map((side) => inline(side?.replace(/^http:\/\//, '') ?? 'none'));
  return `${said}${from} → ${to}`;
}
