import { type Call, invalid, missing, page, Refusal, type Route } from './call.ts';
import { showFlow, showMe, showOutpost, showScope } from './show.ts';
import { embeddedMark, type Fields, type LabOutpost } from './state.ts';

/** Outposts, flows, scopes, certificates, and who the token belongs to. */
export const otherRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: '/outposts/instances/',
    answer: (call) => {
      const rows = call.state.outposts.map((each) => showOutpost(call.state, each));
      return page(call, rows, ['name__iexact', 'managed__iexact']);
    },
  },
  {
    method: 'GET',
    template: '/outposts/instances/{uuid}/',
    answer: (call) => ({ status: 200, body: showOutpost(call.state, findOutpost(call)) }),
  },
  {
    method: 'PATCH',
    template: '/outposts/instances/{uuid}/',
    answer: (call) => {
      const outpost = findOutpost(call);
      changeOutpost(call, outpost);
      return { status: 200, body: showOutpost(call.state, outpost) };
    },
  },
  {
    method: 'GET',
    template: '/flows/instances/',
    answer: (call) => page(call, call.state.flows.map(showFlow), ['slug', 'designation']),
  },
  {
    method: 'GET',
    template: '/propertymappings/provider/scope/',
    answer: (call) => page(call, call.state.scopes.map(showScope), ['managed', 'scope_name', 'name']),
  },
  {
    method: 'GET',
    template: '/crypto/certificatekeypairs/',
    answer: (call) =>
      page(
        call,
        call.state.certificates.map((each): Fields => ({ ...each, private_key_available: true })),
        ['name'],
      ),
  },
  {
    method: 'GET',
    template: '/core/users/me/',
    answer: ({ settings }) => ({ status: 200, body: showMe(settings.superuser) }),
  },
];

function findOutpost({ state, key }: Call): LabOutpost {
  const found = state.outposts.find(({ pk }) => pk === key);
  if (found === undefined) throw missing('Outpost');
  return found;
}

function changeOutpost({ state, body }: Call, outpost: LabOutpost): void {
  const { name, config, providers, type } = body;
  const embedded = outpost.managed === embeddedMark;
  if (typeof name === 'string' && name !== outpost.name) {
    if (embedded) throw invalid('name', "Embedded outpost's name cannot be changed.");
    outpost.name = name;
  }
  if (providers !== undefined) outpost.providers = checkedProviders(providers, { embedded, type, state });
  if (config !== undefined) outpost.config = config as Fields;
}

function checkedProviders(
  sent: unknown,
  { embedded, type, state }: { embedded: boolean; type: unknown; state: Call['state'] },
): number[] {
  const list = Array.isArray(sent) ? sent.map(Number) : [];
  if (list.length === 0 && !embedded) throw invalid('providers', 'This list may not be empty.');
  for (const pk of list) {
    const provider = state.providers.find((each) => each.pk === pk);
    if (provider === undefined) throw invalid('providers', `Invalid pk "${pk}" - object does not exist.`);
    // Without the type in the same request nothing is checked.
    if (type === 'proxy' && provider.kind !== 'proxy')
      throw new Refusal(400, {
        non_field_errors: [`Outpost type ${type} can't be used with ${provider.kind} providers.`],
      });
  }
  return [...new Set(list)];
}
