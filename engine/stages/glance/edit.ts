import { ProblemError } from '../../problems.ts';
import { type Change, changeFile, insertItem, planInsert, readOrRefuse, type Spot } from './change-lines.ts';
import type { Sources } from './compose.ts';
import type { Dashboard } from './dashboard.ts';
import type { TileEntry } from './entries.ts';
import { containerLines } from './entry-text.ts';
import { findList, pageOf, type Target } from './find-list.ts';
import { type KeptEntry, linesOf } from './kept-entry.ts';
import { type Listing, listingsOf } from './listings.ts';
import { sweep } from './sweep.ts';

/** Puts an entry into its list; what the list needs around it is made where it is missing. */
export function addEntry(
  sources: Sources,
  target: Target,
  { entry, spot }: { readonly entry: KeptEntry; readonly spot: Spot },
): Sources {
  const { dashboard, listing } = withList(sources, target);
  return insertItem(dashboard, listing, { linesAt: (indent) => linesOf(entry, indent), spot });
}

/** The file an entry would be put into. Throws when there is no place for it and none can be made. */
export function fileFor(dashboard: Dashboard, target: Target): string {
  const listings = listingsOf(dashboard);
  const into = findList(listings, target) ?? missingPart(listings, target).into;
  return planInsert(dashboard, into, { linesAt: () => [], spot: null }).file;
}

/** Takes an entry out, and what we made around it when nothing else is in there. */
export function removeEntry(sources: Sources, { file, first, count }: TileEntry): Sources {
  return sweep(changeFile(sources, file, { at: first, remove: count, insert: [] }));
}

/** Writes an entry anew where it stands. */
export function replaceEntry(sources: Sources, found: TileEntry, entry: KeptEntry): Sources {
  return changeFile(sources, found.file, planReplace(sources, found, entry));
}

/** The lines of an entry with others in their place. */
export function planReplace(sources: Sources, found: TileEntry, entry: KeptEntry): Change {
  const { file, first, count, listing, kept } = found;
  const column = listing.place.kind === 'block' ? listing.place.dash : 0;
  const line = sources.texts.get(file)?.split('\n')[first] ?? '';
  const indent = kept.exact ? column : (/^ */.exec(line)?.[0].length ?? column);
  return { file, at: first, remove: count, insert: linesOf(entry, indent) };
}

/** More than the parts between a configuration and an entry. */
const mostParts = 6;

function withList(
  sources: Sources,
  target: Target,
): { readonly dashboard: Dashboard; readonly listing: Listing } {
  let now = sources;
  for (let made = 0; made < mostParts; made += 1) {
    const dashboard = readOrRefuse(now);
    const listings = listingsOf(dashboard);
    const listing = findList(listings, target);
    if (listing !== undefined) return { dashboard, listing };
    const part = missingPart(listings, target);
    now = insertItem(dashboard, part.into, {
      linesAt: (indent) => linesOf({ exact: false, text: part.lines.join('\n') }, indent),
      spot: null,
    });
  }
  throw new ProblemError({
    code: 'conflict',
    message: `Glance's configuration has no place for “${target.list}”, and none could be made.`,
    where: sources.main,
    hint: 'Add it to the configuration by hand, then plan again.',
  });
}

interface Part {
  readonly into: Listing;
  readonly lines: readonly string[];
}

/** What has to be made next on the way to a list: a page, a column, a widget, a group. */
function missingPart(listings: readonly Listing[], { kind, page, list }: Target): Part {
  const name = pageOf(listings, page);
  const on = (role: Listing['role']) =>
    listings.filter((one) => one.role === role && (role === 'pages' || one.page?.name === name));
  const pages = on('pages')[0];
  if (pages === undefined) throw new Error('a configuration has a list of pages, or could have one');
  if (name === null) return { into: pages, lines: containerLines('page', page ?? 'Home') };
  const groups = on('groups').find(({ place }) => place.kind !== 'brackets') ?? on('groups')[0];
  if (kind === 'bookmark' && groups !== undefined)
    return { into: groups, lines: containerLines('group', list) };
  const widgets = on('widgets').find(({ column }) => column === 'full') ?? on('widgets')[0];
  if (widgets !== undefined)
    return { into: widgets, lines: containerLines(kind === 'bookmark' ? 'bookmarks' : 'monitor', list) };
  const columns = on('columns')[0] ?? pages;
  return { into: columns, lines: containerLines('column', '') };
}
