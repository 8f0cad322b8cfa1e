import type { RemoteHost } from '../../ports.ts';
import type { GlanceSystem } from '../../types.ts';
import { readOrRefuse } from './change-lines.ts';
import { pageOf } from './find-list.ts';
import { listingsOf } from './listings.ts';
import { readSources } from './read-sources.ts';

/** The pages a dashboard has; `find` as definitions name them. Throws ProblemError where it cannot be read. */
export async function knownPages(
  host: RemoteHost,
  system: GlanceSystem,
  signal: AbortSignal,
): Promise<{ readonly names: readonly string[]; readonly find: (wanted: string | null) => string | null }> {
  const listings = listingsOf(readOrRefuse(await readSources(host, system, signal)));
  const names = listings.flatMap(({ role, page }) =>
    role === 'columns' && page !== null ? [page.name] : [],
  );
  return { names: [...new Set(names)], find: (wanted) => pageOf(listings, wanted) };
}
