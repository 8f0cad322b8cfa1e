import type { ScopedService } from '../../ports.ts';
import type { Problem } from '../../problems.ts';
import type { DeployState, Release } from '../../types.ts';
import { observedState, type Standing } from './compare.ts';
import {
  containerDifferences,
  type Difference,
  fileDifferences,
  halfDone,
  looseEnv,
  shortDigest,
  shortImage,
} from './differences.ts';
import { releaseState } from './fallback.ts';
import type { HostObservation } from './found.ts';
import { splitReference } from './observe-images.ts';
import { type Decision, makeStep } from './make-step.ts';
import { risksOf } from './risks.ts';

/** The way to a release that is kept on the host. */
export function decideRelease(
  scoped: Extract<ScopedService, { want: 'release' }>,
  found: Standing,
  observation: HostObservation,
): Decision {
  const release = findRelease(found, scoped.release);
  if ('code' in release) return { step: null, risks: [], proof: [], problems: [release] };
  const before = observedState(found, observation, undefined);
  const different = releaseDifferences(found, release, before, observation);
  if (different.length === 0)
    return {
      step: null,
      risks: [],
      proof: [`release ${release.id} is the current one; its files, images and containers are untouched`],
      problems: [],
    };
  const problems = lostImages(found, release, observation);
  if (problems.length > 0) return { step: null, risks: [], proof: [], problems };
  const step = makeStep(found, observation, {
    before,
    after: releaseState(found, release, observation),
    different,
  });
  return { step, risks: risksOf(step, found, observation), proof: [], problems: [] };
}

function releaseDifferences(
  found: Standing,
  release: Release,
  before: DeployState | null,
  observation: HostObservation,
): readonly Difference[] {
  const { place, current, containers } = found;
  const cause = `back to release ${release.id}`;
  const isCurrent = current?.id === release.id;
  const images = Object.entries(release.images).flatMap(([name, image]): readonly Difference[] => {
    const own = containers.filter(({ service }) => service === name);
    const running = own.every(({ imageId }) => image.id === null || imageId === image.id);
    const old = before?.images[name];
    if (running && old?.reference === image.reference) return [];
    const show = ({ reference, digest }: { reference: string; digest: string | null }) =>
      `${shortImage(reference)} ${shortDigest(digest)}`;
    const gone = observation.images.has(image.id ?? image.reference) ? '' : ', pulled again';
    const change = {
      what: `image of ${name}`,
      before: old === undefined ? null : show(old),
      after: `${show(image)}${gone}`,
    };
    return [{ cause, change }];
  });
  const env = isCurrent && place.envHash !== place.releasedEnvHash && place.releasedEnvHash !== null;
  return [
    ...(isCurrent ? [] : [{ cause, change: { what: 'release', before: place.current, after: release.id } }]),
    ...images,
    ...fileDifferences(found, release.files, false).map(({ change }) => ({ cause, change })),
    ...(Object.keys(release.env).length > 0 && !env ? looseEnv(place) : []),
    ...(env ? [{ cause, change: { what: '.env', before: 'differs', after: 'current' } }] : []),
    ...containerDifferences(found, Object.keys(release.images)),
    ...halfDone(found),
  ];
}

/** Images of the release that neither the host nor, as far as it can be asked, the registry still has. */
function lostImages(
  { service }: Standing,
  release: Release,
  { images, registry, entry }: HostObservation,
): readonly Problem[] {
  return Object.values(release.images).flatMap(({ reference, digest, id }): readonly Problem[] => {
    if (images.has(id ?? reference)) return [];
    const local = images.get(reference);
    if (local !== undefined && digest !== null && local.digests.includes(digest)) return [];
    const pinned = digest === null ? null : `${splitReference(reference).repository}@${digest}`;
    const answer = pinned === null ? undefined : registry.get(pinned);
    if (answer?.kind === 'digest' || answer?.kind === 'private') return [];
    const silent = answer?.kind === 'silent';
    return [
      {
        code: silent ? 'registry-unreachable' : 'image-not-found',
        message: `${service.name}: ${entry.name} no longer has the image of release ${release.id}, ${reference} ${shortDigest(digest)}, and ${silent ? `its registry could not be asked: ${answer.message}` : 'its registry does not have it either'}.`,
        where: entry.name,
      },
    ];
  });
}

/** A release of this service, or the problem that there is none. */
function findRelease(found: Standing, id: string): Release | Problem {
  return (
    found.place.releases.find((release) => release.id === id) ?? {
      code: 'release-unknown',
      message: `${found.service.name} has no release ${id} on its host.`,
      where: found.service.host,
      hint: 'Use one of the releases that /rollback offers.',
    }
  );
}
