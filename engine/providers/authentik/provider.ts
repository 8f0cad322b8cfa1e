import { isRecord } from '../../json.ts';
import { ProblemError } from '../../problems.ts';
import { isOurProvider } from '../../stages/authentik/mark.ts';
import type { SignOnProviderState } from '../../state-types.ts';
import { alone } from './alone.ts';
import type { Api, Row } from './api.ts';
import { differing, providerBody } from './describe.ts';
import { oidcExtras } from './oidc-extras.ts';
import { isDuplicate, refusal } from './problems.ts';
import { paths } from './paths.ts';
import { readProvider } from './read.ts';
import { parseProvider, type Provider, requiredText } from './shapes.ts';
import type { Work } from './work.ts';

/** Makes a provider of this name as wanted, or finds it so. One that belongs to another application is not touched. */
export async function ensureProvider(
  work: Work,
  wanted: SignOnProviderState,
  slug: string,
): Promise<Provider> {
  const found = await readProvider(work.api, wanted.kind, wanted.name);
  const flows = await flowIds(work.api, wanted);
  if (found !== null) return updateProvider(work, { found, wanted, slug, flows });
  return createProvider(work, { wanted, slug, flows });
}

interface Wish {
  readonly wanted: SignOnProviderState;
  readonly slug: string;
  readonly flows: ReadonlyMap<string, string>;
}

async function createProvider(work: Work, { wanted, slug, flows }: Wish): Promise<Provider> {
  const { api } = work;
  const { kind, name } = wanted;
  const call = { path: paths[kind], what: `create the provider ${name}` };
  const body = providerBody(wanted, { flows, clientSecret: secretOf(api, wanted), current: null });
  const json = { ...(kind === 'oidc' && wanted.settings === '' ? await oidcExtras(api) : {}), ...body };
  work.back.push((calm) => removeProvider(calm, { kind, name, slug }).then(() => undefined));
  const answer = await api.send(call, { method: 'POST', json });
  if (answer.status === 201) {
    work.did.push(`created the provider ${name}`);
    const row = answer.json();
    return parseProvider(api, kind, isRecord(row) ? row : {});
  }
  if (isDuplicate(answer)) {
    // Somebody was faster, or an earlier answer got lost: then it is looked at instead of made.
    work.back.pop();
    const there = await readProvider(api, kind, name);
    if (there === null) throw inTheWay(api, `a provider named ${name} of another kind`, name);
    return updateProvider(work, { found: there, wanted, slug, flows });
  }
  throw refusal({ system: api.system, origin: api.origin, what: call.what }, answer, api.secrets);
}

async function updateProvider(
  work: Work,
  { found, wanted, slug, flows }: Wish & { readonly found: Provider },
): Promise<Provider> {
  const { api } = work;
  if (found.application !== null && found.application !== slug)
    throw inTheWay(
      api,
      `the provider ${found.name}, which belongs to the application ${found.application}`,
      found.name,
    );
  const body = providerBody(wanted, { flows, clientSecret: secretOf(api, wanted), current: found.row });
  const changed = differing(body, found.row);
  if (Object.keys(changed).length === 0) return found;
  // The server checks a proxy's mode together with its inner address, and takes a mode that is not sent for `proxy`.
  const json = { ...changed, ...only(body, ['mode', 'internal_host']) };
  const call = { path: `${paths[found.kind]}${found.pk}/`, what: `change the provider ${found.name}` };
  work.back.push(async (calm) => {
    await calm.write(call, { method: 'PATCH', json: only(found.row, Object.keys(json)) });
  });
  const row = await api.write(call, { method: 'PATCH', json });
  work.did.push(`changed the provider ${found.name}`);
  return parseProvider(api, found.kind, row);
}

/** Takes away a provider we made for this application; anybody else's, and one another application uses by now, stays. */
export async function removeProvider(
  api: Api,
  {
    kind,
    name,
    slug,
    unused = false,
  }: {
    readonly kind: Provider['kind'];
    readonly name: string;
    readonly slug: string;
    /** Only while no application has it, not even its own. */
    readonly unused?: boolean;
  },
): Promise<boolean> {
  if (!isOurProvider(name, slug)) return false;
  const found = await readProvider(api, kind, name);
  if (found === null) return false;
  if (found.application !== null && (unused || found.application !== slug)) return false;
  const call = { path: `${paths[kind]}${found.pk}/`, what: `delete the provider ${name}` };
  // Not between the reading and the writing of an outpost's list, which would then name what is gone.
  await alone(api.origin, () => api.remove(call));
  return true;
}

/** It goes to the same place as the token, which only goes where it may. */
function secretOf(api: Api, wanted: SignOnProviderState): string | null {
  return wanted.kind === 'oidc' && wanted.clientSecret !== null
    ? api.secrets.resolve(wanted.clientSecret)
    : null;
}

/** Ids of the flows by slug. Ids differ from server to server, so they are asked for each time. */
async function flowIds(api: Api, wanted: SignOnProviderState): Promise<ReadonlyMap<string, string>> {
  const rows = await api.all({ path: paths.flows, what: 'list its flows' });
  const ids = new Map(rows.map((row) => [requiredText(api, row, 'slug'), requiredText(api, row, 'pk')]));
  const { authorizationFlow } = wanted;
  if (authorizationFlow !== '' && !ids.has(authorizationFlow)) throw noFlow(api, authorizationFlow);
  return ids;
}

function noFlow(api: Api, slug: string): ProblemError {
  return new ProblemError({
    code: 'system-rejected',
    message: `${api.system} has no flow “${slug}”.`,
    where: api.origin,
    hint: 'Name one it has as `systems.authentik.authorization_flow` in sentinel.yml.',
  });
}

export function inTheWay(api: Api, what: string, place: string): ProblemError {
  return new ProblemError({
    code: 'conflict',
    message: `${what} is in the way on ${api.system}.`.replace(/^./, (first) => first.toUpperCase()),
    where: `${api.origin}, ${place}`,
    hint: 'Rename or delete it there if nobody needs it, or give the service another `authentik.slug`.',
  });
}

function only(row: Row, keys: readonly string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([key]) => keys.includes(key)));
}
