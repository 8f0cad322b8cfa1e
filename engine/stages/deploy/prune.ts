import type { Release } from '../../types.ts';

/** How many releases a host keeps of a service, the one being made among them. */
const keptReleases = 5;

/** Releases to forget once `next` is in place: all but the newest, the one that ran, and the last that was verified. */
export function forgettable(
  releases: readonly Release[],
  { next, previous }: { readonly next: string | null; readonly previous: string | null },
): readonly string[] {
  const newestFirst = [...releases]
    .filter(({ id }) => id !== next)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id));
  const verified = newestFirst.find(({ verifiedAt }) => verifiedAt !== null)?.id;
  const kept = new Set([next, previous, verified]);
  const room = keptReleases - (next === null ? 0 : 1);
  return newestFirst.filter(({ id }, index) => index >= room && !kept.has(id)).map(({ id }) => id);
}

/** `<YYYYMMDDTHHMMSSZ>-<commit7>`, with a number behind it in the second in which it is taken. */
export function newReleaseId(now: Date, revision: string, taken: readonly string[]): string {
  const stamp = now.toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '');
  const id = `${stamp}-${revision.slice(0, 7)}`;
  let candidate = id;
  for (let number = 2; taken.includes(candidate); number++) candidate = `${id}-${number}`;
  return candidate;
}
