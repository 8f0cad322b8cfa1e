import type { EngineContext } from './context.ts';
import type { ScopedService, Source } from './ports.ts';

/** A service that Git no longer defines, as it was when it was last deployed. */
export async function lastDefinition(
  context: EngineContext,
  {
    source,
    request,
    environment,
  }: {
    readonly source: Source;
    readonly request: { readonly service: string };
    readonly environment: string;
  },
  signal: AbortSignal,
): Promise<ScopedService['service'] | null> {
  const revisions = context.store.deployments
    .ofService(request.service, 20)
    .filter(({ plan }) => plan.environment === environment && plan.repository === source.repository.name)
    .map(({ plan }) => plan.revision);
  for (const revision of new Set(revisions)) {
    const tree = await source.repository.tree(revision, signal);
    const found = source.load(tree, environment).fleet.services.find(({ name }) => name === request.service);
    if (found !== undefined) return found;
  }
  return null;
}

/** The definition as it was at a commit, at the place where the service is now; what is known now where Git cannot tell. */
export async function definitionOf(
  {
    source,
    environment,
    service,
    revision,
  }: {
    readonly source: Source;
    readonly environment: string;
    readonly service: ScopedService['service'];
    readonly revision: string | null;
  },
  signal: AbortSignal,
): Promise<ScopedService['service']> {
  if (revision === null) return service;
  const tree = await source.repository.tree(revision, signal).catch(() => null);
  const then = tree === null ? undefined : source.load(tree, environment).fleet.services;
  const found = then?.find(({ name }) => name === service.name);
  return found === undefined ? service : { ...found, host: service.host, installPath: service.installPath };
}
