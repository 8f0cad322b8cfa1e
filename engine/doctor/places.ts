import type { Ports } from '../ports.ts';
import type { Fleet, Service } from '../types.ts';

/** The definitions of one repository in one environment, and the outside as they are deployed with. */
export interface Place {
  /** `homelab`, or `homelab (staging)` where there are several. */
  readonly name: string;
  readonly fleet: Fleet;
  readonly ports: Ports;
}
/** A machine or system that one or more places name, once. */
export interface Named<T> {
  readonly system: T;
  readonly places: readonly [Place, ...Place[]];
}

/** The same thing named by several places is asked once. */
export function once<T>(
  places: readonly Place[],
  pick: (place: Place) => readonly (T | null)[],
): readonly Named<T>[] {
  const found = new Map<string, Named<T>>();
  for (const place of places)
    for (const system of pick(place)) {
      if (system === null) continue;
      const key = JSON.stringify(system);
      const known = found.get(key);
      found.set(key, { system, places: known === undefined ? [place] : [...known.places, place] });
    }
  return [...found.values()];
}

export function servicesOf({ places }: Pick<Named<unknown>, 'places'>): readonly Service[] {
  return places.flatMap(({ fleet }) => fleet.services);
}
