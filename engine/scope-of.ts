import type { Scope, ScopedService } from './ports.ts';
import type { Fleet } from './types.ts';

/** What a plan is made for, beside the rest of the fleet. */
export function scopeOf({ inventory, services: all }: Fleet, services: readonly ScopedService[]): Scope {
  const names = new Set(services.map(({ name }) => name));
  return { inventory, services, others: all.filter(({ name }) => !names.has(name)) };
}
