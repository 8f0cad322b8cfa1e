import type { Route, Tile } from '../types.ts';
import { addressOf, urlOf, type AroundInput } from './around-input.ts';

type TileSection = NonNullable<AroundInput['file']['glance']>;

interface TileInput extends AroundInput {
  readonly section: TileSection;
  /** Where people reach the service. */
  readonly url: string | null;
  /** Where the dashboard reaches it, past any login. */
  readonly direct: string | null;
  readonly title: string;
}

/** Its places on the dashboard, where the definition asks for one. Whoever names neither wants both. */
export function tileOf(input: AroundInput, route: Route | null): Tile | null {
  const { service, glance: section } = input.file;
  if (section === undefined || section.enabled === false) return null;
  const { bookmark, monitor, page = input.defaults.page } = section;
  const direct = addressOf(input, {});
  const title = service.display_name ?? service.name;
  const all = { ...input, section, direct, title, url: urlOf(route) ?? direct };
  const neither = bookmark === undefined && monitor === undefined;
  const wanted = (part: { readonly enabled?: boolean } | undefined): boolean =>
    part === undefined ? neither : part.enabled !== false;
  return {
    page,
    bookmark: wanted(bookmark) ? bookmarkOf(all) : null,
    monitor: wanted(monitor) ? monitorOf(all) : null,
  };
}

function bookmarkOf({ category, section: { bookmark = {} }, url, title }: TileInput): Tile['bookmark'] {
  const leads = bookmark.url ?? url;
  if (leads === null) return null;
  return {
    group: bookmark.group ?? `${category.charAt(0).toUpperCase()}${category.slice(1)}`,
    title: bookmark.title ?? title,
    url: leads,
    description: bookmark.description ?? null,
    icon: bookmark.icon ?? null,
  };
}

function monitorOf(input: TileInput): Tile['monitor'] {
  const { section, defaults, endpoint, url, direct, title } = input;
  const { monitor = {} } = section;
  if (url === null || direct === null) return null;
  return {
    widget: monitor.widget ?? defaults.monitor,
    title: monitor.title ?? title,
    url,
    checkUrl: `${direct}${monitor.health_endpoint ?? endpoint ?? '/'}`,
    alsoHealthy: monitor.alt_status_codes ?? [],
    icon: monitor.icon ?? null,
  };
}
