import type { EngineContext } from '../context.ts';
import type { Scope, ScopedService, Source } from '../ports.ts';
import { scopeOf } from '../scope-of.ts';
import type { Plan } from '../types.ts';

/** The services of a plan as Git has them at its commit, among the others; null where the commit cannot be read. */
export async function presentScope(
  context: EngineContext,
  { source, plan: { environment, revision, services } }: { readonly source: Source; readonly plan: Plan },
  signal: AbortSignal,
): Promise<Scope | null> {
  const reading = await context.catalogue.read({ source, environment, revision }, signal);
  if (!reading.ok) return null;
  const { fleet } = reading.value;
  const names = new Set(services.map(({ name }) => name));
  const present = fleet.services
    .filter(({ name }) => names.has(name))
    .map((service): ScopedService => ({
      ...{ want: 'present', name: service.name, service },
      owned: context.store.holdings.of(service.name, environment),
    }));
  return scopeOf(context, fleet, present);
}
