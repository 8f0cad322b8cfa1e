import { isRecord } from '../../json.ts';
import { markedFor, markOf } from '../../stages/authentik/mark.ts';
import type { SignOnBinding, SignOnState } from '../../state-types.ts';
import type { Api, Row } from './api.ts';
import { addBindings, bindingsOf, createBinding, readBindings } from './bindings.ts';
import { differing } from './describe.ts';
import { paths } from './paths.ts';
import { isDuplicate, refusal } from './problems.ts';
import { inTheWay } from './provider.ts';
import { readApplication } from './read.ts';
import { settingsBody } from './settings.ts';
import { type Application, parseApplication } from './shapes.ts';
import type { Work } from './work.ts';

export interface WantedApplication {
  /** What is there. */
  readonly found: Application | null;
  readonly after: SignOnState;
  readonly provider: number | null;
  /** Whether the step makes it: then what is there is a half of what is to be. */
  readonly isNew: boolean;
}

/** Makes an application as wanted. Who may use one that is there is not touched. */
export async function ensureApplication(work: Work, wanted: WantedApplication): Promise<void> {
  const { found, after, provider, isNew } = wanted;
  const body = {
    name: after.name,
    group: after.group,
    meta_launch_url: after.launchUrl,
    meta_icon: after.icon,
    provider,
  };
  if (found === null) return createApplication(work, after, body);
  if (isNew) await addBindings(work, found, after.bindings);
  await updateApplication(work, found, body);
}

async function createApplication(work: Work, after: SignOnState, body: Row): Promise<void> {
  const { api } = work;
  const { slug, bindings } = after;
  work.back.push((calm) => calm.remove({ ...create(slug), path: paths.application(slug) }));
  // Without a rule an application is open to all, and without a provider to nobody.
  const first = bindings.length === 0 ? body : { ...body, provider: null };
  const json = {
    ...settingsBody(after.settings),
    slug,
    ...filled(first),
    meta_publisher: markOf(work.service),
  };
  const answer = await api.send(create(slug), { method: 'POST', json });
  if (answer.status === 201) {
    work.did.push(`created the application ${slug}`);
    if (bindings.length === 0) return;
    const row = answer.json();
    const made = parseApplication(api, isRecord(row) ? row : {});
    await addBindings(work, made, bindings);
    return updateApplication(work, made, { provider: body['provider'] });
  }
  work.back.pop();
  const there = isDuplicate(answer) ? await readApplication(api, slug) : null;
  if (there === null)
    throw refusal({ system: api.system, origin: api.origin, what: create(slug).what }, answer, api.secrets);
  if (markedFor(there.publisher) !== work.service) throw occupied(work, there);
  await addBindings(work, there, bindings);
  await updateApplication(work, there, body);
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

/** Deletes an application, and with it the rules about who may use it. */
export async function deleteApplication(work: Work, found: Application): Promise<void> {
  const { api } = work;
  const { slug, pk } = found;
  const bindings = bindingsOf(await readBindings(api, pk), pk);
  work.back.push(async (calm) => {
    if ((await readApplication(calm, slug)) === null) await putBack(calm, found, bindings);
  });
  await api.remove({ path: paths.application(slug), what: `delete the application ${slug}` });
  work.did.push(`deleted the application ${slug}`);
}

/** The outpost may still have the provider on its list, so it comes after the rules about who may use it. */
async function putBack(api: Api, { slug, row }: Application, bindings: readonly SignOnBinding[]) {
  const { provider, ...rest } = kept(row);
  const made = parseApplication(api, await api.write(create(slug), { method: 'POST', json: rest }));
  for (const binding of bindings) await createBinding(api, made, binding);
  if (provider === undefined) return;
  const call = { path: paths.application(slug), what: `change the application ${slug}` };
  await api.write(call, { method: 'PATCH', json: { provider } });
}

const create = (slug: string) => ({
  path: paths.applications,
  what: `create the application ${slug}`,
});

export function occupied({ api }: Work, { slug, name }: Application) {
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
