import { isMap, isNode, isScalar, isSeq, type YAMLSeq } from 'yaml';
import { type Dashboard, type Entry, entryOf, type Mapping, resolved, textOf } from './dashboard.ts';

export type Role = 'pages' | 'columns' | 'widgets' | 'groups' | 'links' | 'sites';
/** One list of the configuration that an item can be put into or taken out of. */
export interface Listing {
  readonly role: Role;
  /** Name and slug of the page it is on; null for the list of pages. */
  readonly page: PageName | null;
  /** Title of what holds it: of a group of bookmarks, of a widget. */
  readonly title: string;
  /** Size of the column whose widgets these are; null otherwise. */
  readonly column: string | null;
  readonly place: ListPlace;
  readonly items: readonly Item[];
}
export interface PageName {
  readonly name: string;
  readonly slug: string;
}
/** One item of a list written over several lines. Lines are those of the composed text, from 0. */
export interface Item {
  readonly mapping: Mapping | null;
  readonly first: number;
  readonly last: number;
}
/** How a list is written. */
export type ListPlace =
  | {
      readonly kind: 'block';
      readonly dash: number;
      readonly keyColumn: number;
      readonly keyLine: number;
      readonly sequence: YAMLSeq;
    }
  /** Nothing stands behind its key. */
  | { readonly kind: 'empty'; readonly keyColumn: number; readonly keyLine: number; readonly pair: Entry }
  /** `[]` or `null` stands behind its key, from there on. */
  | {
      readonly kind: 'written-empty';
      readonly keyColumn: number;
      readonly keyLine: number;
      readonly line: number;
      readonly column: number;
    }
  /** Nothing says that there is one. */
  | { readonly kind: 'missing'; readonly keyColumn: number; readonly last: number; readonly key: Role }
  /** In brackets, on one line or several: not ours to rewrite. */
  | { readonly kind: 'brackets'; readonly line: number };

/** All lists that bookmarks and monitored sites can be in, and those around them, in the order of the file. */
export function listingsOf(dashboard: Dashboard): readonly Listing[] {
  const listings = known.get(dashboard) ?? findListings(dashboard);
  known.set(dashboard, listings);
  return listings;
}

const known = new WeakMap<Dashboard, readonly Listing[]>();

function findListings(dashboard: Dashboard): readonly Listing[] {
  const found: Listing[] = [];
  const pages = add(dashboard, found, {
    holder: dashboard.root,
    role: 'pages',
    page: null,
    title: '',
    column: null,
  });
  for (const mapping of pages) {
    const name = textOf(dashboard, mapping, 'name') ?? '';
    const page = { name, slug: textOf(dashboard, mapping, 'slug') ?? slugOf(name) };
    const around = { page, title: name, column: null };
    for (const { value } of headWidgets(dashboard, mapping))
      addWidget(dashboard, found, { page, widget: value });
    for (const column of add(dashboard, found, { ...around, holder: mapping, role: 'columns' })) {
      const size = textOf(dashboard, column, 'size') ?? '';
      const widgets = { ...around, holder: column, role: 'widgets' as const, column: size };
      for (const widget of add(dashboard, found, widgets)) addWidget(dashboard, found, { page, widget });
    }
  }
  return found;
}

/** As Glance makes an address of a name. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/\s+/g, '-')
    .replace(/^-+|-+$/g, '');
}

function headWidgets(dashboard: Dashboard, page: Mapping): readonly { readonly value: Mapping }[] {
  const list = resolved(dashboard, entryOf(dashboard, page, 'head-widgets')?.value);
  return mappingsOf(dashboard, list).map((value) => ({ value }));
}

interface OneWidget {
  readonly page: PageName;
  readonly widget: Mapping;
}

/** Widgets hold widgets, in groups and split columns. */
function addWidget(dashboard: Dashboard, found: Listing[], { page, widget }: OneWidget): void {
  const type = textOf(dashboard, widget, 'type') ?? '';
  const title = textOf(dashboard, widget, 'title');
  const here = { page, column: null, holder: widget };
  if (type === 'bookmarks') {
    for (const group of add(dashboard, found, { ...here, role: 'groups', title: title ?? '' }))
      add(dashboard, found, {
        ...here,
        holder: group,
        role: 'links',
        title: textOf(dashboard, group, 'title') ?? '',
      });
  }
  // A widget without a title shows its type.
  if (type === 'monitor') add(dashboard, found, { ...here, role: 'sites', title: title ?? 'monitor' });
  const nested = entryOf(dashboard, widget, 'widgets');
  for (const inner of mappingsOf(dashboard, resolved(dashboard, nested?.value)))
    addWidget(dashboard, found, { page, widget: inner });
}

function mappingsOf(dashboard: Dashboard, node: unknown): readonly Mapping[] {
  if (!isSeq(node)) return [];
  return node.items.flatMap((item) => {
    const one = resolved(dashboard, item);
    return isMap(one) ? [one] : [];
  });
}

interface Holding extends Pick<Listing, 'role' | 'page' | 'title' | 'column'> {
  readonly holder: Mapping;
}

function add(dashboard: Dashboard, found: Listing[], { holder, ...about }: Holding): readonly Mapping[] {
  const pair = entryOf(dashboard, holder, about.role);
  const list = resolved(dashboard, pair?.value);
  const place = placeOfList(dashboard, holder, { pair, list, role: about.role });
  const items = place.kind === 'block' ? itemsOf(dashboard, place.sequence) : [];
  found.push({ ...about, place, items });
  return mappingsOf(dashboard, list);
}

function placeOfList(
  dashboard: Dashboard,
  holder: Mapping,
  { pair, list, role }: { readonly pair: Entry | undefined; readonly list: unknown; readonly role: Role },
): ListPlace {
  if (pair === undefined) return missing(dashboard, holder, role);
  const at = dashboard.position;
  const key = at(startOf(pair.key));
  const keyed = { keyLine: key.line, keyColumn: key.column };
  if (isSeq(list) && list.srcToken?.type === 'block-seq')
    return { kind: 'block', dash: at(startOf(list)).column, ...keyed, sequence: list };
  if (!inBlock(holder)) return { kind: 'brackets', line: key.line };
  if (!isSeq(list) && !(isScalar(list) && !isEmpty(list))) return { kind: 'empty', ...keyed, pair };
  const [from = 0, to = 0] = list.range ?? [];
  const [start, end] = [at(from), at(to)];
  const empty = isSeq(list) ? list.items.length === 0 : list.value === null;
  if (!empty || start.line !== end.line) return { kind: 'brackets', line: start.line };
  return { kind: 'written-empty', ...keyed, ...start };
}

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);
const inBlock = ({ srcToken }: Mapping): boolean => srcToken?.type === 'block-map';

function missing(dashboard: Dashboard, holder: Mapping, key: Role): ListPlace {
  const start = dashboard.position(holder.range?.[0] ?? 0);
  if (!inBlock(holder)) return { kind: 'brackets', line: start.line };
  const [first] = holder.items;
  const column = isScalar(first?.key) ? dashboard.position(first.key.range?.[0] ?? 0).column : start.column;
  return { kind: 'missing', keyColumn: column, last: lastLine(dashboard, endOf(holder) ?? 0), key };
}

function itemsOf(dashboard: Dashboard, sequence: YAMLSeq): readonly Item[] {
  const token = sequence.srcToken;
  if (token?.type !== 'block-seq') return [];
  return token.items.flatMap(({ start }, index): readonly Item[] => {
    const dash = start.find(({ type }) => type === 'seq-item-ind');
    if (dash === undefined) return [];
    const node = sequence.items[index];
    const value = resolved(dashboard, node);
    const first = dashboard.position(dash.offset).line;
    const end = endOf(node);
    const last = end === null ? first : Math.max(first, lastLine(dashboard, end));
    return [{ mapping: isMap(value) ? value : null, first, last }];
  });
}

/** Where a value ends. What is empty ends with its key: its own range may lie behind comments that follow. */
function endOf(node: unknown): number | null {
  if (isMap(node) && inBlock(node)) return endOfPair(node.items.at(-1));
  if (isSeq(node) && node.srcToken?.type === 'block-seq' && !isEmpty(node.items.at(-1)))
    return endOf(node.items.at(-1));
  return isNode(node) ? (node.range?.[1] ?? null) : null;
}

function endOfPair(pair: Entry | undefined): number | null {
  const key = isNode(pair?.key) ? (pair.key.range?.[1] ?? null) : null;
  return isEmpty(pair?.value) ? key : (endOf(pair?.value) ?? key);
}

const isEmpty = (node: unknown): boolean =>
  !isNode(node) || (isScalar(node) && (node.source ?? '') === '' && node.type === 'PLAIN');

/** The line of the last thing written before an offset. */
function lastLine({ composed, position }: Dashboard, end: number): number {
  const written = composed.text.slice(0, end).trimEnd().length;
  return position(Math.max(0, written - 1)).line;
}
