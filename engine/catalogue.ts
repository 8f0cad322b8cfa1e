import { nearest } from '../schema/index.ts';
import type { ServiceSummary } from './face.ts';
import type { Log, Source, Tree } from './ports.ts';
import type { Deployments } from './storage.ts';
import { toProblem, type Problem } from './problems.ts';
import type { Fleet, Result } from './types.ts';

/** What is in which repository, kept in memory for autocomplete and for finding a service's repository. */
export interface Catalogue {
  services(): readonly ServiceSummary[];
  /** Every repository in every environment, as its branch was last read. */
  fleets(): readonly Fleet[];
  refresh(signal: AbortSignal): Promise<void>;
  /** Reads one repository at a revision (the environment's branch when none is given). */
  read(at: ReadAt, signal: AbortSignal): Promise<Result<Reading>>;
  /** Which repository defines, or once defined, this service. Looks again in Git before it gives up. */
  sourceOf(service: string, environment: string, signal: AbortSignal): Promise<Result<Source>>;
}
export interface ReadAt {
  readonly source: Source;
  readonly environment: string;
  readonly revision?: string;
  /** Where the server does not answer, the branch as it was last seen will do. */
  readonly lastSeen?: boolean;
}
export interface Reading {
  readonly commit: string;
  readonly branch: string;
  readonly onBranch: boolean;
  /** The server did not answer: the branch may be elsewhere by now. */
  readonly offline?: boolean;
  readonly tree: Tree;
  readonly fleet: Fleet;
  readonly problems: readonly Problem[];
}

export interface CatalogueOptions {
  readonly sources: readonly Source[];
  readonly environments: readonly string[];
  readonly deployments: Deployments;
  readonly log: Log;
}

export function createCatalogue({ sources, environments, deployments, log }: CatalogueOptions): Catalogue {
  /** `repository environment` → its services as last read. */
  const known = new Map<string, readonly ServiceSummary[]>();
  const fleets = new Map<string, Fleet>();

  async function read(
    { source, environment, revision, lastSeen = false }: ReadAt,
    signal: AbortSignal,
  ): Promise<Result<Reading>> {
    const { repository } = source;
    const resolved = await repository.resolve(
      { environment, lastSeen, ...(revision === undefined ? {} : { revision }) },
      signal,
    );
    if (!resolved.ok) return resolved;
    const tree = await repository.tree(resolved.value.commit, signal);
    const loaded = source.load(tree, environment);
    if (revision === undefined) {
      const key = `${repository.name} ${environment}`;
      fleets.set(key, loaded.fleet);
      known.set(
        key,
        loaded.fleet.services.map((s) => summary(s, repository.name)),
      );
    }
    return { ok: true, value: { ...resolved.value, tree, ...loaded } };
  }

  async function refresh(signal: AbortSignal): Promise<void> {
    await Promise.all(
      sources.flatMap((source) =>
        environments.map(async (environment) => {
          const result = await read({ source, environment }, signal).catch((error: unknown) => failed(error));
          if (!result.ok)
            log.warn(
              { repository: source.repository.name, environment, problems: result.problems },
              'repository could not be read',
            );
        }),
      ),
    );
  }

  function remembered(service: string, environment: string): Source | undefined {
    const here = sources.flatMap(({ repository }) => known.get(`${repository.name} ${environment}`) ?? []);
    const name =
      [...here, ...[...known.values()].flat()].find((summary) => summary.name === service)?.repository ??
      deployments.ofService(service, 1)[0]?.plan.repository;
    return sources.find(({ repository }) => repository.name === name);
  }

  const services = (): readonly ServiceSummary[] => [
    ...new Map([...known.values()].flat().map((summary) => [summary.name, summary])).values(),
  ];

  return {
    services,
    fleets: () => [...fleets.values()],
    refresh,
    read,
    async sourceOf(service, environment, signal) {
      const quick = remembered(service, environment);
      if (quick !== undefined) return { ok: true, value: quick };
      const problems: Problem[] = [];
      for (const source of sources) {
        const result = await read({ source, environment }, signal);
        if (!result.ok) problems.push(...result.problems);
        else problems.push(...problemsOf(source, result.value, service));
      }
      const found = remembered(service, environment);
      if (found !== undefined) return { ok: true, value: found };
      return { ok: false, problems: problems.length > 0 ? problems : [unknownService(service, services())] };
    },
  };
}

/** The problems of a reading that concern one service's own files. */
export function problemsOf(
  source: Source,
  { tree, fleet: { environment }, problems }: Pick<Reading, 'tree' | 'fleet' | 'problems'>,
  service: string,
): readonly Problem[] {
  const files = source.filesOf({ tree, environment, service });
  return problems.filter(
    ({ where }) =>
      where !== undefined && files.some((file) => where === file || where.startsWith(`${file}:`)),
  );
}

/** `service-unknown`, with the name that was meant, or some of those there are. */
export function unknownService(service: string, services: readonly Pick<ServiceSummary, 'name'>[]): Problem {
  const names = services.map(({ name }) => name);
  const near = nearest(service, names);
  return {
    code: 'service-unknown',
    message: `No service is called “${service}”.`,
    ...(names.length === 0 ? {} : { hint: near === undefined ? thereAre(names) : `Did you mean ${near}?` }),
  };
}

const mostNamed = 5;

/** `There are a, b, c, d, e and 12 more.` */
function thereAre(names: readonly string[]): string {
  const sorted = names.toSorted();
  const rest = sorted.length - mostNamed;
  const shown = rest > 0 ? [...sorted.slice(0, mostNamed), `${rest} more`] : sorted;
  const [last = '', ...others] = shown.toReversed();
  return others.length === 0
    ? `There is ${last}.`
    : `There are ${others.toReversed().join(', ')} and ${last}.`;
}

function summary(
  { name, displayName, category, host, silentUpdates, containers }: Fleet['services'][number],
  repository: string,
): ServiceSummary {
  const news = silentUpdates === undefined ? {} : { silentUpdates };
  const called = containers.flatMap(({ containerName }) => containerName ?? []);
  return { name, displayName, category, host, repository, containers: called, ...news };
}

function failed(error: unknown): Result<never> {
  return { ok: false, problems: [toProblem(error)] };
}
