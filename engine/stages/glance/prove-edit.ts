import { ProblemError } from '../../problems.ts';
import { readOrRefuse } from './change-lines.ts';
import type { Sources } from './compose.ts';
import type { Dashboard } from './dashboard.ts';
import { containerMark, entryMark } from './entry-text.ts';
import { entriesOf } from './entries.ts';
import { listingsOf } from './listings.ts';

/**
 * Throws unless everything that is not ours means the same before and after an edit. `unmarked` are the lines of an
 * entry that is ours although somebody took its mark off.
 */
export function proveEdit(before: Sources, after: Sources, unmarked: readonly string[] = []): void {
  if (foreignPart(before, unmarked) === foreignPart(after, unmarked)) return;
  throw new ProblemError({
    code: 'dashboard-invalid',
    message:
      "The edit would change more of Glance's configuration than Sentinel's own entries, so nothing was written.",
    where: before.main,
    hint: 'Write the list the entry belongs to in a plainer form, one item below the other, then plan again.',
  });
}

/** What the configuration says without our entries, as text to compare. */
function foreignPart(sources: Sources, unmarked: readonly string[]): string {
  const dashboard = readOrRefuse(sources);
  const listings = listingsOf(dashboard);
  const own = entriesOf(dashboard).filter(({ kept }) => unmarked.includes(kept.text));
  const whole: (() => void)[] = [];
  for (const listing of listings) {
    const { place, items } = listing;
    if (place.kind !== 'block') continue;
    const ours = new Set(
      items.flatMap(({ first }, index) =>
        isOurs(dashboard, first) || own.some((one) => one.listing === listing && one.index === index)
          ? [index]
          : [],
      ),
    );
    const { sequence } = place;
    const { items: all } = sequence;
    whole.push(() => (sequence.items = all));
    sequence.items = all.filter((_, index) => !ours.has(index));
  }
  let plain: unknown;
  try {
    // How much aliases multiply to was seen when it was read.
    plain = dashboard.document.toJS({ maxAliasCount: -1 });
  } finally {
    for (const back of whole.toReversed()) back();
  }
  // An empty list, nothing and no key at all are the same; our items may leave any of them.
  return JSON.stringify(plain, (key, value: unknown) =>
    lists.has(key) && (value === null || (Array.isArray(value) && value.length === 0)) ? undefined : value,
  );
}

const isOurs = ({ lines }: Dashboard, line: number): boolean => {
  const text = lines[line] ?? '';
  return entryMark.test(text) || text.endsWith(containerMark);
};

const lists = new Set(['pages', 'columns', 'widgets', 'groups', 'links', 'sites']);
