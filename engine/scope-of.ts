import type { EngineContext } from './context.ts';
import type { Scope, ScopedService } from './ports.ts';
import type { Fleet } from './types.ts';

/** What a plan is made for, beside the rest of the fleet and what its deployments left. */
export function scopeOf(
  { store }: Pick<EngineContext, 'store'>,
  fleet: Fleet,
  services: readonly ScopedService[],
): Scope {
  const own = new Set(services.map(({ name }) => name));
  const elsewhere = store.holdings.all(fleet.environment).filter(({ service }) => !own.has(service));
  return { ...amongOthers(fleet, services), elsewhere };
}

/** The same without a record of earlier deployments. */
export function amongOthers({ inventory, services: all }: Fleet, services: readonly ScopedService[]): Scope {
  const names = new Set(services.map(({ name }) => name));
  return { inventory, services, others: all.filter(({ name }) => !names.has(name)) };
}
