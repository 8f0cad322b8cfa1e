import { sha256 } from '../../digest.ts';
import type { Container, DeployState, ImageState, Release, Service } from '../../types.ts';
import type { FoundContainer, HostObservation, Place } from './found.ts';

/** How one service was found on its host. */
export interface Standing {
  readonly service: Service;
  readonly place: Place;
  /** Its project's containers. */
  readonly containers: readonly FoundContainer[];
  readonly current: Release | null;
  /** Files of ours or about to be: the definition's and the current release's. */
  readonly tracked: readonly string[];
  /** The current release's files are untouched. */
  readonly ours: boolean;
}

export function standing(service: Service, observation: HostObservation, place: Place): Standing {
  const current = place.releases.find(({ id }) => id === place.current) ?? null;
  const tracked = [
    ...new Set([...Object.keys(service.files), ...Object.keys(current?.files ?? {}), 'docker-compose.yml']),
  ].sort();
  return {
    service,
    place,
    containers: observation.containers.filter(({ project }) => project === service.name),
    current,
    tracked,
    ours:
      current !== null &&
      tracked.every((file) => place.files[file] === current.files[file]) &&
      (place.releasedEnvHash === null || place.envHash === place.releasedEnvHash),
  };
}

/** True when there is nothing of the service on the host. */
export function isAbsent({ place, containers, tracked }: Standing): boolean {
  const fileless = tracked.every((file) => place.files[file] === undefined);
  return containers.length === 0 && place.current === null && fileless;
}

/**
 * The release that holds what is there now. A directory changed by hand, or never ours, gets a name made of its
 * content, so that the same find always has the same name; `ensure` keeps it under that name before touching anything.
 */
export function releaseOf(found: Standing): string | null {
  const { place, current, ours } = found;
  if (place.applying !== null) return place.applying.previous;
  if (ours && current !== null) return current.id;
  const content = found.tracked.map((file) => [file, place.files[file] ?? null]);
  const found12 = sha256(JSON.stringify([content, place.composeFiles])).slice(0, 12);
  return `${foundPrefix}${found12}`;
}
export const foundPrefix = 'found-';

/** The observed side of a step; null when nothing was there. */
export function observedState(
  found: Standing,
  observation: HostObservation,
  wantedEnvHash: string | null | undefined,
): DeployState | null {
  const { place } = found;
  // An `.env` alone is somebody's too: it has to be kept before ours replaces it.
  if (isAbsent(found) && place.envHash === null) return null;
  // A first deployment that stopped half-way: nothing was there before it.
  if (place.applying !== null && place.applying.previous === null) return null;
  return liveState(found, observation, wantedEnvHash);
}

/** What is there, whoever left it. */
export function liveState(
  found: Standing,
  observation: HostObservation,
  wantedEnvHash: string | null | undefined,
): DeployState {
  const { place, containers, current } = found;
  const release = releaseOf(found);
  const recorded = place.releases.find(({ id }) => id === release) ?? null;
  const files = found.tracked.flatMap((file) => {
    const hash = place.files[file];
    return hash === undefined ? [] : [[file, hash]];
  });
  const envWanted = wantedEnvHash === undefined ? place.releasedEnvHash : wantedEnvHash;
  return {
    host: observation.entry.name,
    path: place.path,
    release,
    files: Object.fromEntries(files) as Record<string, string>,
    env: place.envHash === null ? 'absent' : place.envHash === envWanted ? 'current' : 'differs',
    images: observedImages(containers, observation, current),
    containers: Object.fromEntries(serviceNames(containers).map((name) => [name, stateOf(containers, name)])),
    checks: recorded?.checks ?? null,
    revision: recorded?.revision ?? null,
  };
}

function observedImages(
  containers: readonly FoundContainer[],
  observation: HostObservation,
  current: Release | null,
): Readonly<Record<string, ImageState>> {
  const images: Record<string, ImageState> = {};
  for (const [name, { reference, digest }] of Object.entries(current?.images ?? {}))
    images[name] = { reference, digest };
  for (const { service, image, imageId } of containers) {
    if (service === null) continue;
    const recorded = current?.images[service];
    // Docker shows the id once the tag moved; the record still knows the name.
    const reference = recorded?.id === imageId ? recorded.reference : image;
    images[service] = { reference, digest: observation.images.get(imageId)?.digests[0] ?? null };
  }
  return images;
}

export function serviceNames(containers: readonly FoundContainer[]): readonly string[] {
  const names = containers.flatMap(({ service }) => (service === null ? [] : [service]));
  return [...new Set(names)].sort();
}

/** One word for the containers of a compose service. */
export function stateOf(containers: readonly FoundContainer[], name: string): string {
  const states = containers.filter(({ service }) => service === name).map(({ state }) => state);
  return states.length === 0 ? 'missing' : [...new Set(states)].sort().join(', ');
}

/** Runs, or ended well where it was meant to end. */
export function isFine(container: FoundContainer, ends: ReadonlySet<string>): boolean {
  if (container.state === 'running') return true;
  return container.service !== null && ends.has(container.service) && endedWell(container);
}

export function endedWell({ state, status }: FoundContainer): boolean {
  return state === 'exited' && /^Exited \(0\)/.test(status);
}

export type ImageVerdict =
  | { readonly kind: 'same'; readonly digest: string | null }
  /** The container runs another image than the one the name means now. */
  | { readonly kind: 'moved'; readonly digest: string | null; readonly where: 'registry' | 'host' }
  | { readonly kind: 'absent'; readonly digest: string | null };

/** How a wanted image compares with the host's copy and the running container. */
export function judgeImage(wanted: Container, found: Standing, observation: HostObservation): ImageVerdict {
  const local = observation.images.get(wanted.image);
  const answer = observation.registry.get(wanted.image);
  const published = answer?.kind === 'digest' ? answer.digest : null;
  if (local === undefined) return { kind: 'absent', digest: published };
  if (published !== null && !local.digests.includes(published))
    return { kind: 'moved', digest: published, where: 'registry' };
  const digest = published ?? local.digests[0] ?? null;
  const stale = found.containers.some((c) => c.service === wanted.name && c.imageId !== local.id);
  return stale ? { kind: 'moved', digest, where: 'host' } : { kind: 'same', digest };
}
