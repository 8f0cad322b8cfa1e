import type { PlannedService } from './types.ts';

type Node = Pick<PlannedService, 'name' | 'dependsOn' | 'action'>;

/**
 * Groups services so that each one comes after all it depends on; inside a group they may run in parallel.
 * What disappears comes last, dependents first. Dependencies that are not in the list count as met.
 */
export function waves<T extends Node>(services: readonly T[]): readonly (readonly T[])[] {
  const arriving = services.filter(({ action }) => action !== 'delete');
  const leaving = services.filter(({ action }) => action === 'delete');
  return [...layers(arriving), ...layers(leaving).toReversed()];
}

/** All services that need `name`, directly or through others. */
export function dependentsOf(name: string, services: readonly Node[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (needed: string): void => {
    for (const service of services) {
      if (!service.dependsOn.includes(needed) || found.has(service.name)) continue;
      found.add(service.name);
      visit(service.name);
    }
  };
  visit(name);
  return found;
}

function layers<T extends Node>(services: readonly T[]): readonly (readonly T[])[] {
  const result: (readonly T[])[] = [];
  let rest = services;
  while (rest.length > 0) {
    const waiting = new Set(rest.map(({ name }) => name));
    const free = rest.filter(({ name, dependsOn }) => dependsOn.every((d) => d === name || !waiting.has(d)));
    // A circle has been refused by validation; should one get here all the same, it must not hang.
    const layer = free.length > 0 ? free : rest;
    result.push(layer);
    rest = rest.filter((service) => !layer.includes(service));
  }
  return result;
}
