import type { SignOnProvider } from '../system-ports/index.ts';
import type { AuthentikSystem } from '../types.ts';
import type { Check } from './examine.ts';
import { good, skipped, wrong, type Finding } from './finding.ts';
import { once, servicesOf, type Place } from './places.ts';

/** The single sign-on: its token, the outpost and the flows new providers get. */
export function authentikChecks(places: readonly Place[]): readonly Check[] {
  return once(places, ({ fleet }) => [fleet.inventory.systems.authentik]).map((named) => {
    const { system } = named;
    const [{ ports }] = named.places;
    const provider = ports.systems.signOn(system);
    const guarded = servicesOf(named).filter(({ signOn }) => signOn !== null).length;
    return {
      ...{ area: 'authentik', subject: provider.name },
      look: (signal) => look({ provider, system, guarded }, signal),
    };
  });
}

async function look(
  {
    provider,
    system,
    guarded,
  }: { readonly provider: SignOnProvider; readonly system: AuthentikSystem; readonly guarded: number },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const about = { area: 'authentik', subject: provider.name } as const;
  // Reads each kind of thing Sentinel works with, so a token that lacks one of the rights to read is known by it.
  const [view, me] = await Promise.all([provider.list([], signal), provider.whoAmI(signal)]);
  const flows = [system.authorizationFlow, system.invalidationFlow];
  const missing = flows.filter((slug) => !view.flows.includes(slug));
  return [
    good(about, `accepts the token of ${me.name}, which may read everything it must.`),
    me.superuser
      ? good(about, `${me.name} may also change everything.`)
      : skipped(
          about,
          `whether ${me.name} may change applications, providers, bindings and the outpost cannot be told without changing one.`,
        ),
    good(about, `has the outpost “${view.outpost}”.`),
    missing.length === 0
      ? good(about, 'has the flows new providers get.')
      : flowFinding(about, missing, guarded),
  ];
}

function flowFinding(
  about: Pick<Finding, 'area' | 'subject'>,
  missing: readonly string[],
  guarded: number,
): Finding {
  const says = `has no flow ${missing.join(', ')}${guarded === 0 ? '' : `, which ${guarded} services need`}.`;
  return wrong(
    about,
    says,
    'Correct `authorization_flow` or `invalidation_flow` under systems.authentik in sentinel.yml.',
  );
}
