import { isRecord, text } from '../../json.ts';
import { isOurProvider, markedFor, markOf } from '../../stages/authentik/mark.ts';
import type { SignOnProviderState, SignOnState } from '../../state-types.ts';
import type { SignOnChange } from '../../system-ports/index.ts';
import type { Row } from './api.ts';
import { differing } from './describe.ts';
import { setServed } from './outpost.ts';
import { isDuplicate, refusal } from './problems.ts';
import { ensureProvider, inTheWay, removeProvider } from './provider.ts';
import { paths, readApplication } from './read.ts';
import type { Application, Provider } from './shapes.ts';
import type { Work } from './work.ts';

/**
 * Makes an application there as wanted: provider, application, place on the outpost, and last what it no longer needs.
 * The outpost serves nothing without an application, so it comes after.
 */
export async function makePresent(work: Work, after: SignOnState, change: SignOnChange): Promise<void> {
  const { api } = work;
  const { slug } = after;
  const found = await readApplication(api, slug);
  if (found !== null && !isOurs(found, change)) throw occupied(work, found);
  const provider = after.provider === null ? null : await ensureProvider(work, after.provider, slug);
  await ensureApplication(work, { found, after, provider: provider?.pk ?? null });
  if (provider !== null && after.outpost !== null)
    await serve(work, { outpost: after.outpost, provider, served: true });
  const former = change.before?.outpost ?? null;
  if (provider !== null && after.outpost === null && former !== null)
    await serve(work, { outpost: former, provider, served: false });
  await removeOthers(work, { slug, keep: after.provider, known: change.before?.provider ?? null });
}

/** Takes an application away: first itself, so that the outpost answers nobody, then its provider. */
export async function makeAbsent(work: Work, before: SignOnState, change: SignOnChange): Promise<void> {
  const { api } = work;
  const { slug } = before;
  const found = await readApplication(api, slug);
  if (found !== null && !isOurs(found, change)) {
    work.did.push(`left the application ${slug}: it is somebody else's`);
    return;
  }
  if (found !== null) {
    work.back.push(async (calm) => {
      if ((await readApplication(calm, slug)) === null)
        await calm.write(create(slug), { method: 'POST', json: kept(found.row) });
    });
    await api.remove({ path: paths.application(slug), what: `delete the application ${slug}` });
    work.did.push(`deleted the application ${slug}`);
  }
  await removeOthers(work, { slug, keep: null, known: before.provider });
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

async function ensureApplication(
  work: Work,
  {
    found,
    after,
    provider,
  }: { readonly found: Application | null; readonly after: SignOnState; readonly provider: number | null },
): Promise<void> {
  const { api } = work;
  const { slug } = after;
  const body = {
    name: after.name,
    group: after.group,
    meta_launch_url: after.launchUrl,
    meta_icon: after.icon,
    provider,
  };
  if (found !== null) return updateApplication(work, found, body);
  work.back.push((calm) => calm.remove({ ...create(slug), path: paths.application(slug) }));
  const json = { slug, ...filled(body), meta_publisher: markOf(work.service) };
  const answer = await api.send(create(slug), { method: 'POST', json });
  if (answer.status === 201) return void work.did.push(`created the application ${slug}`);
  work.back.pop();
  const there = isDuplicate(answer) ? await readApplication(api, slug) : null;
  if (there !== null && markedFor(there.publisher) === work.service)
    return updateApplication(work, there, body);
  if (there !== null) throw occupied(work, there);
  throw refusal({ system: api.system, origin: api.origin, what: create(slug).what }, answer, api.secrets);
}

async function updateApplication(work: Work, found: Application, body: Row): Promise<void> {
  const { slug } = found;
  const json = differing(body, found.row);
  const keys = Object.keys(json);
  if (keys.length === 0) return;
  const call = { path: paths.application(slug), what: `change the application ${slug}` };
  work.back.push(async (calm) => {
    const entries = keys.map((key) => [key, found.row[key] ?? (key === 'provider' ? null : '')]);
    await calm.write(call, { method: 'PATCH', json: Object.fromEntries(entries) as Row });
  });
  await work.api.write(call, { method: 'PATCH', json });
  work.did.push(`changed the application ${slug}`);
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
  }: {
    readonly slug: string;
    readonly keep: SignOnProviderState | null;
    readonly known: SignOnProviderState | null;
  },
): Promise<void> {
  if (known === null || (keep !== null && known.name === keep.name)) return;
  if (!isOurProvider(known.name, slug)) return;
  const { kind, name } = known;
  if (await removeProvider(work.api, { kind, name, slug })) work.did.push(`deleted the provider ${name}`);
}

const create = (slug: string) => ({
  path: paths.applications,
  what: `create the application ${slug}`,
});

function occupied({ api }: Work, { slug, name }: Application) {
  return inTheWay(api, `the application ${slug} (“${name}”), which Sentinel did not make,`, slug);
}

/** The server takes an address or nothing, never an empty one. */
function filled(body: Row): Row {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== '' && value !== null));
}

/** Every field of an application that can be written, ours or not, to make it again as it was. */
function kept(row: Row): Row {
  const writable = [
    'name',
    'slug',
    'provider',
    'backchannel_providers',
    'open_in_new_tab',
    'meta_launch_url',
    'meta_icon',
    'meta_description',
    'meta_publisher',
    'policy_engine_mode',
    'group',
    'meta_hide',
  ];
  return filled(Object.fromEntries(Object.entries(row).filter(([key]) => writable.includes(key))));
}
