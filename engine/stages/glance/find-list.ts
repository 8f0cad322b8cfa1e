import type { TileKind } from './entry-text.ts';
import type { Listing, Role } from './listings.ts';

/** Where an entry belongs. */
export interface Target {
  readonly kind: TileKind;
  /** Name of the page, or its slug; null: the first one. */
  readonly page: string | null;
  /** Title of the group, or of the monitor widget. */
  readonly list: string;
}

const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

/** Name of the page that is meant, as the configuration writes it; null: there is none yet. */
export function pageOf(listings: readonly Listing[], wanted: string | null): string | null {
  const pages = listings.flatMap(({ role, page }) => (role === 'columns' && page !== null ? [page] : []));
  const found =
    wanted === null
      ? pages[0]
      : (pages.find(({ name }) => same(name, wanted)) ?? pages.find(({ slug }) => same(slug, wanted)));
  return found?.name ?? null;
}

/** The list an entry belongs to, wherever on its page it is; undefined: there is none yet. */
export function findList(listings: readonly Listing[], { kind, page, list }: Target): Listing | undefined {
  const name = pageOf(listings, page);
  if (name === null) return undefined;
  const role: Role = kind === 'bookmark' ? 'links' : 'sites';
  const candidates = listings.filter((one) => one.role === role && one.page?.name === name);
  return candidates.find(({ title }) => same(title, list));
}
