import { changeFile } from './change-lines.ts';
import type { Sources } from './compose.ts';
import { type Dashboard, readDashboard, textOf } from './dashboard.ts';
import { physical } from './entries.ts';
import { containerLines, containerMark, formerMark } from './entry-text.ts';
import { splitLines } from './lines.ts';
import { type Item, type Listing, listingsOf } from './listings.ts';

/** Takes away what we made around entries and is empty by now, and writes lists that were empty as they were. Pure. */
export function sweep(sources: Sources): Sources {
  let now = sources;
  for (;;) {
    const reading = readDashboard(now);
    if (!reading.ok) return now;
    const { dashboard } = reading;
    const next = firstOf(listingsOf(dashboard), (listing) => swept(dashboard, listing));
    if (next === null) return now;
    now = next;
  }
}

function firstOf<T, R>(all: readonly T[], attempt: (one: T) => R | null): R | null {
  for (const one of all) {
    const result = attempt(one);
    if (result !== null) return result;
  }
  return null;
}

function swept(dashboard: Dashboard, listing: Listing): Sources | null {
  const { place } = listing;
  if (place.kind === 'empty') {
    return restored(dashboard, place.keyLine) ?? withoutKey(dashboard, place.keyLine);
  }
  return firstOf(listing.items, (item) => withoutItem(dashboard, listing, item));
}

/** Below the key, or behind it. */
function restored({ composed, sources, lines }: Dashboard, keyLine: number): Sources | null {
  let line = keyLine;
  while (line === keyLine || /^\s*(?:#.*)?$/.test(lines[line] ?? 'x')) {
    const origin = composed.origins[line];
    const text = splitLines(sources.texts.get(origin?.file ?? '') ?? '')[origin?.line ?? 0]?.text ?? '';
    const at = text.indexOf(formerMark);
    if (origin !== undefined && at >= 0)
      return changeFile(sources, origin.file, {
        at: origin.line,
        remove: 1,
        insert: [text.slice(0, at) + text.slice(at + formerMark.length)],
      });
    line += 1;
    if (line >= composed.origins.length) return null;
  }
  return null;
}

function withoutKey({ composed, sources, lines }: Dashboard, keyLine: number): Sources | null {
  const origin = composed.origins[keyLine];
  const ours = new RegExp(`^\\s*[a-z]+: ${containerMark}$`).test(lines[keyLine] ?? '');
  if (!ours || origin === undefined) return null;
  return changeFile(sources, origin.file, { at: origin.line, remove: 1, insert: [] });
}

function withoutItem(dashboard: Dashboard, { role }: Listing, item: Item): Sources | null {
  const { lines, sources } = dashboard;
  if (item.mapping === null || !(lines[item.first] ?? '').endsWith(containerMark)) return null;
  const range = physical(dashboard, item);
  const empty = emptyForm(dashboard, role, item);
  if (range === null || empty === null) return null;
  const own = splitLines(sources.texts.get(range.file) ?? '').slice(range.first, range.first + range.count);
  const indent = /^ */.exec(own[0]?.text ?? '')?.[0] ?? '';
  const same =
    own.length === empty.length && own.every(({ text }, index) => text === indent + (empty[index] ?? ''));
  if (!same) return null;
  return changeFile(sources, range.file, { at: range.first, remove: range.count, insert: [] });
}

function emptyForm(dashboard: Dashboard, role: Listing['role'], { mapping }: Item): readonly string[] | null {
  if (mapping === null) return null;
  const text = (key: string): string => textOf(dashboard, mapping, key) ?? '';
  switch (role) {
    case 'pages':
      return containerLines('page', text('name'));
    case 'columns':
      return containerLines('column', '');
    case 'widgets':
      return containerLines(text('type') === 'monitor' ? 'monitor' : 'bookmarks', text('title'));
    case 'groups':
      return containerLines('group', text('title'));
    case 'links':
    case 'sites':
      return null;
  }
}
