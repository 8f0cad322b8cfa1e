import { ProblemError } from '../problems.ts';
import { sameMiddleware } from '../middleware-names.ts';
import type { ProxyReader, ProxyView } from '../system-ports/index.ts';
import type { Service, TraefikSystem } from '../types.ts';
import type { Check } from './examine.ts';
import { good, skipped, wrong, type Finding } from './finding.ts';
import { folderFinding } from './folder.ts';
import { once, servicesOf, type Place } from './places.ts';

/** The directory route files go into, and what Traefik itself says it has. */
export function traefikChecks(places: readonly Place[]): readonly Check[] {
  return once(places, ({ fleet }) => [fleet.inventory.systems.traefik]).flatMap((named) => {
    const { system } = named;
    const [{ fleet, ports }] = named.places;
    const reader = ports.systems.proxy(system);
    const folder = { area: 'traefik', subject: system.directory } as const;
    return [
      { ...folder, look: (signal) => directory({ system, ports, fleet, about: folder }, signal) },
      reader === null
        ? { area: 'traefik', subject: 'API', look: () => Promise.resolve([withoutApi]) }
        : {
            ...{ area: 'traefik', subject: reader.name },
            look: (signal) => api(reader, servicesOf(named), signal),
          },
    ] satisfies readonly Check[];
  });
}

const withoutApi = skipped(
  { area: 'traefik', subject: 'API' },
  'sentinel.yml names no `api`, so routes cannot be proven there.',
);

async function directory(
  {
    system,
    ports,
    fleet,
    about,
  }: { readonly system: TraefikSystem; readonly about: Pick<Finding, 'area' | 'subject'> } & Pick<
    Place,
    'ports' | 'fleet'
  >,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const entry = fleet.inventory.hosts[system.host];
  if (entry === undefined) return [hostUnknown(about, system.host)];
  return [
    await folderFinding(
      about,
      { host: ports.host(entry), path: system.directory },
      {
        signal,
        mend: 'Correct `systems.traefik.directory` in sentinel.yml: it is the folder Traefik’s file provider watches, as the host sees it.',
      },
    ),
  ];
}

export function hostUnknown(about: Pick<Finding, 'area' | 'subject'>, host: string): Finding {
  return wrong(
    about,
    `is on ${host}, which is not one of the hosts of sentinel.yml.`,
    'Name a host of sentinel.yml there.',
  );
}

async function api(
  reader: ProxyReader,
  services: readonly Service[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const about = { area: 'traefik', subject: reader.name } as const;
  const view = await reader.read(signal);
  const { version, entryPoints } = await reader.about(signal).catch((error: unknown) => {
    signal.throwIfAborted();
    if (!(error instanceof ProblemError)) throw error;
    return { version: null, entryPoints: null };
  });
  const called = version === null ? '' : ` (version ${version})`;
  return [
    good(about, `answers${called} and has ${view.routers.length} routers loaded.`),
    ...broken(about, view),
    ...middlewares(about, view, services),
    ...points(about, entryPoints, services),
    ...resolvers(about, view, services),
  ];
}

type About = Pick<Finding, 'area' | 'subject'>;
const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

function broken(about: About, { routers }: ProxyView): readonly Finding[] {
  return routers
    .filter(({ status }) => status === 'disabled')
    .map(({ name, errors }) =>
      wrong(
        about,
        `does not serve the router ${name}: ${errors.join(', ') || 'it does not say why'}.`,
        'Correct that router, whoever wrote it.',
      ),
    );
}

function middlewares(about: About, view: ProxyView, services: readonly Service[]): readonly Finding[] {
  const wanted = unique(
    services.flatMap(({ route }) =>
      route === null
        ? []
        : [...route.middlewares, ...(route.signOnMiddleware === null ? [] : [route.signOnMiddleware])],
    ),
  );
  const missing = wanted.filter((name) => !view.middlewares.some((each) => sameMiddleware(each.name, name)));
  if (wanted.length === 0) return [];
  if (missing.length === 0)
    return [good(about, `has the middlewares definitions name: ${wanted.join(', ')}.`)];
  return [
    wrong(
      about,
      `has no middleware ${missing.join(', ')}, which definitions name.`,
      'Define it in Traefik, or correct the name in the definitions or as `auth_middleware` in sentinel.yml.',
    ),
  ];
}

function points(
  about: About,
  known: readonly string[] | null,
  services: readonly Service[],
): readonly Finding[] {
  const wanted = unique(services.flatMap(({ route }) => route?.entryPoints ?? []));
  if (wanted.length === 0) return [];
  if (known === null) return [skipped(about, 'does not tell its entry points.')];
  const missing = wanted.filter((name) => !known.includes(name));
  if (missing.length === 0) return [good(about, `has the entry points ${wanted.join(', ')}.`)];
  return [
    wrong(
      about,
      `has no entry point ${missing.join(', ')}; it has ${known.join(', ')}.`,
      'Correct `entrypoints` in the definitions or under systems.traefik in sentinel.yml.',
    ),
  ];
}

/** No answer of Traefik lists its resolvers, but the routes in use tell those that are. */
function resolvers(about: About, { routers }: ProxyView, services: readonly Service[]): readonly Finding[] {
  const wanted = unique(services.flatMap(({ route }) => route?.tls?.certResolver ?? []));
  const used = new Set(routers.flatMap(({ tls }) => tls?.certResolver ?? []));
  const unknown = wanted.filter((name) => !used.has(name));
  if (wanted.length === 0) return [];
  if (unknown.length === 0) return [good(about, `uses the certificate resolver ${wanted.join(', ')}.`)];
  return [
    skipped(
      about,
      `does not tell whether it has the certificate resolver ${unknown.join(', ')}: no loaded router uses it yet.`,
    ),
  ];
}
