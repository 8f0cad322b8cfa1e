import { isRecord, text } from '../../json.ts';
import { markedFor } from '../../stages/authentik/mark.ts';
import type { SignOnProviderState, SignOnState } from '../../state-types.ts';
import type { SignOnChange } from '../../system-ports/index.ts';
import type { Row } from './api.ts';
import { deleteApplication, ensureApplication, occupied } from './application.ts';
import { setServed } from './outpost.ts';
import { ensureProvider, removeProvider } from './provider.ts';
import { readApplication } from './read.ts';
import type { Application, Provider } from './shapes.ts';
import type { Work } from './work.ts';

/**
 * Makes an application there as wanted: provider, application, place on the outpost, and last what it no longer needs.
 * The outpost serves nothing without an application, so it comes after.
 */
export async function makePresent(work: Work, after: SignOnState, change: SignOnChange): Promise<void> {
  const { api } = work;
  const { slug } = after;
  const found = after.leftover === true ? null : await readApplication(api, slug);
  if (found !== null && !isOurs(found, change)) throw occupied(work, found);
  const provider = after.provider === null ? null : await ensureProvider(work, after.provider, slug);
  if (after.leftover !== true)
    await ensureApplication(work, {
      ...{ found, after, provider: provider?.pk ?? null },
      isNew: change.before === null,
    });
  if (provider !== null) await place(work, provider, { after, former: change.before?.outpost ?? null });
  await removeOthers(work, { slug, keep: after.provider, known: change.before?.provider ?? null });
}

/** Takes an application away: first itself, so that the outpost answers nobody, then its provider. */
export async function makeAbsent(work: Work, before: SignOnState, change: SignOnChange): Promise<void> {
  const { slug, provider } = before;
  if (before.leftover === true)
    return removeOthers(work, { slug, keep: null, known: provider, unused: true });
  const found = await readApplication(work.api, slug);
  if (found !== null && !isOurs(found, change)) {
    work.did.push(`left the application ${slug}: it is somebody else's`);
    return;
  }
  if (found !== null) await deleteApplication(work, found);
  await removeOthers(work, { slug, keep: null, known: provider });
}

/**
 * Marked for this service, or, where somebody took the mark away, still as one of our steps left it. What is made anew
 * has to be there wholly, provider and all, to count as ours.
 */
function isOurs(
  { publisher, row, ...found }: Application,
  { before, after, service }: SignOnChange,
): boolean {
  if (markedFor(publisher) === service) return true;
  return [before, after].some(
    (state) =>
      state !== null &&
      found.name === state.name &&
      found.group === state.group &&
      found.launchUrl === state.launchUrl &&
      found.icon === state.icon &&
      (before !== null || providerNameOf(row) === (state.provider?.name ?? null)),
  );
}

function providerNameOf({ provider_obj: provider }: Row): string | null {
  return isRecord(provider) ? text(provider['name']) : null;
}

/** Puts a provider on the outpost it belongs to, or takes it off the one it was on. */
async function place(
  work: Work,
  provider: Provider,
  { after, former }: { readonly after: SignOnState; readonly former: string | null },
): Promise<void> {
  const outpost = after.outpost ?? former;
  if (outpost !== null) await serve(work, { outpost, provider, served: after.outpost !== null });
}

async function serve(
  { api, settling, signal, did, back }: Work,
  entry: { readonly outpost: string; readonly provider: Provider; readonly served: boolean },
): Promise<void> {
  const { outpost, provider, served } = entry;
  const place = { outpost, provider: provider.pk };
  const willWrite = (): void =>
    void back.push(async (calm) => {
      await setServed(calm, { ...place, served: !served }, settling, new AbortController().signal);
    });
  if (await setServed(api, { ...place, served, willWrite }, settling, signal))
    did.push(served ? `added it to the outpost ${outpost}` : `took it off the outpost ${outpost}`);
}

/** Providers we made for this application earlier and that it no longer has. Deleting one takes it off all outposts. */
async function removeOthers(
  work: Work,
  {
    slug,
    keep,
    known,
    unused = false,
  }: {
    readonly slug: string;
    readonly keep: SignOnProviderState | null;
    readonly known: SignOnProviderState | null;
    readonly unused?: boolean;
  },
): Promise<void> {
  if (known === null || (keep !== null && known.name === keep.name)) return;
  const { kind, name } = known;
  if (await removeProvider(work.api, { kind, name, slug, unused }))
    work.did.push(`deleted the provider ${name}`);
}
