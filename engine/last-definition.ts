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
