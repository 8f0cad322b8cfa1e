import type { DeployState, Release } from '../../types.ts';
import { foundPrefix, type Standing } from './compare.ts';
import type { HostObservation } from './found.ts';

/** A release that is kept on the host, as a state to go to. */
export function releaseState(found: Standing, release: Release, { entry }: HostObservation): DeployState {
  const images = Object.entries(release.images);
  return {
    host: entry.name,
    path: found.place.path,
    release: release.id,
    files: release.files,
    env: Object.keys(release.env).length > 0 ? 'current' : 'absent',
    images: Object.fromEntries(images.map(([name, { reference, digest }]) => [name, { reference, digest }])),
    containers: Object.fromEntries(images.map(([name]) => [name, 'running'])),
    checks: release.checks,
    revision: release.revision,
  };
}

/**
 * Where undoing a step should lead when what is there now never passed its checks and an older release did. What a
 * person left there is theirs, and is put back as it was.
 */
export function fallbackState(
  found: Standing,
  { before, after }: { readonly before: DeployState | null; readonly after: DeployState | null },
  observation: HostObservation,
): DeployState | null {
  const { releases } = found.place;
  const live = releases.find(({ id }) => id === before?.release);
  if (live === undefined || after === null || after.deleteVolumes === true) return null;
  if (live.verifiedAt !== null || live.deployment === null || isFind(live)) return null;
  const verified = [...releases]
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    .find(({ id, verifiedAt }) => verifiedAt !== null && id !== after.release);
  return verified === undefined ? null : releaseState(found, verified, observation);
}

const isFind = ({ id }: Release) => id.startsWith(foundPrefix);
