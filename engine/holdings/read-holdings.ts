import type { Ports, Scope, ScopedService } from '../ports.ts';
import { toProblem } from '../problems.ts';
import { readHostFiles } from '../stages/host-files/index.ts';
import type { HostEntry, Inventory } from '../types.ts';
import { heldFile, parseHeld, type Held } from './held.ts';

interface Place {
  readonly service: string;
  readonly host: string;
  readonly path: string;
}

/**
 * What the hosts keep of earlier deployments, by service; the newest where a service has two places. One round trip to
 * each host. What cannot be read is not known: then only what carries our mark is ours.
 */
export async function readHoldings(
  { inventory, places, environment }: Reading,
  ports: Ports,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Held>> {
  const hosts = [...new Set(places.map(({ host }) => host))].flatMap((name) => inventory.hosts[name] ?? []);
  const found = await Promise.all(
    hosts.map((entry) =>
      readFrom({ entry, places: places.filter(({ host }) => host === entry.name), ports }, signal),
    ),
  );
  const newest = new Map<string, Held>();
  for (const held of found.flat()) {
    const other = newest.get(held.service);
    if (held.environment === environment && (other === undefined || other.at < held.at))
      newest.set(held.service, held);
  }
  return newest;
}

export interface Reading {
  readonly inventory: Inventory;
  readonly places: readonly Place[];
  readonly environment: string;
}

/** Every place of a scope's services, and of the others around them. */
export function placesOf({ services, others = [] }: Pick<Scope, 'services' | 'others'>): readonly Place[] {
  return [
    ...services.flatMap(placesOfOne),
    ...others.map(({ name, host, installPath }) => ({ service: name, host, path: installPath })),
  ];
}

/** Where a service is, and where its last deployment put it. */
export function placesOfOne(scoped: ScopedService): readonly Place[] {
  const { name, service } = scoped;
  const here = { service: name, host: service.host, path: service.installPath };
  return scoped.want === 'present' && scoped.formerly !== undefined
    ? [here, { service: name, ...scoped.formerly }]
    : [here];
}

/** A host of others that does not answer must not hold up those that do. */
const patienceMs = 5_000;

async function readFrom(
  {
    entry,
    places,
    ports,
  }: { readonly entry: HostEntry; readonly places: readonly Place[]; readonly ports: Ports },
  signal: AbortSignal,
): Promise<readonly Held[]> {
  const files = places.map(({ path }) => heldFile(path));
  const limited = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  const texts = await readHostFiles(ports.host(entry), { files }, limited).catch((error: unknown) => {
    signal.throwIfAborted();
    ports.log.warn({ host: entry.name, problem: toProblem(error) }, 'holdings could not be read');
    return new Map<string, string>();
  });
  return places.flatMap(({ service, path }) => {
    const content = texts.get(heldFile(path));
    const held = content === undefined ? null : parseHeld(content);
    return held?.service === service ? [held] : [];
  });
}
