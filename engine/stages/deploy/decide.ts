import type { ScopedService } from '../../ports.ts';
import type { Problem } from '../../problems.ts';
import type { DeployState, Release, Risk, ShownChange, StepOf } from '../../types.ts';
import {
  type ImageVerdict,
  isAbsent,
  judgeImage,
  observedState,
  type Standing,
  standing,
} from './compare.ts';
import { type Difference, differences, proofOf } from './differences.ts';
import { type HostObservation, nowhere } from './found.ts';
import { decideRelease } from './decide-release.ts';
import { decideRemoval } from './decide-removal.ts';
import { risksOf } from './risks.ts';

/** What should be on the host; only hashes, so that deciding needs no secret. */
export interface Wanted {
  readonly files: Readonly<Record<string, string>>;
  readonly envHash: string | null;
}

export interface Decision {
  readonly step: StepOf<'deploy'> | null;
  readonly risks: readonly Risk[];
  /** What was found equal, when there is no step. */
  readonly proof: readonly string[];
  readonly problems: readonly Problem[];
}

/** Compares what one service should be with what its host shows. Pure. `wanted` is null unless it should be present. */
export function decide(scoped: ScopedService, wanted: Wanted | null, observation: HostObservation): Decision {
  const place = observation.places.get(scoped.service.installPath) ?? nowhere(scoped.service.installPath);
  const found = standing(scoped.service, observation, place);
  if (scoped.want === 'absent') return decideRemoval(scoped, found, observation);
  if (scoped.want === 'release') return decideRelease(scoped, found, observation);
  return decidePresent(found, wanted ?? { files: {}, envHash: null }, observation);
}

function decidePresent(found: Standing, wanted: Wanted, observation: HostObservation): Decision {
  const { service } = found;
  const verdicts = new Map(service.containers.map((c) => [c.name, judgeImage(c, found, observation)]));
  const problems = imageProblems(found, verdicts, observation);
  const before = observedState(found, observation, wanted.envHash);
  const after = wantedState(found, wanted, verdicts, observation);
  const different = differences({ found, wanted, verdicts, before, after });
  if (different.length === 0)
    return { step: null, risks: [], proof: proofOf(found, wanted, verdicts, observation), problems: [] };
  if (problems.length > 0) return { step: null, risks: [], proof: [], problems };
  const step = makeStep(found, observation, { before, after, different });
  return { step, risks: risksOf(step, found, observation), proof: [], problems: [] };
}

export function makeStep(
  found: Standing,
  observation: HostObservation,
  {
    before,
    after,
    different,
  }: {
    readonly before: DeployState | null;
    readonly after: DeployState | null;
    readonly different: readonly Difference[];
  },
): StepOf<'deploy'> {
  const { name } = found.service;
  const changes: ShownChange[] = different.flatMap(({ change }) => (change === null ? [] : [change]));
  const causes = [...new Set(different.map(({ cause }) => cause))];
  const more = causes.length > 3 ? ` and ${causes.length - 3} more` : '';
  const irreversible = irreversibleReason(found, before, after);
  return {
    id: `deploy ${name}`,
    stage: 'deploy',
    service: name,
    system: observation.entry.name,
    target: `${name} on ${observation.entry.name}`,
    cause: `${causes.slice(0, 3).join('; ')}${more}`,
    changes,
    before,
    after,
    ...(irreversible === null ? {} : { irreversible }),
  };
}

function irreversibleReason(
  found: Standing,
  before: DeployState | null,
  after: DeployState | null,
): string | null {
  if (after?.deleteVolumes === true) return 'the named volumes and what is in them are deleted';
  const fileless = found.containers.length > 0 && found.place.composeFiles.length === 0 && !isAbsent(found);
  return before !== null && fileless && found.current === null
    ? 'its containers run without a compose file on the host, so they could not be made again'
    : null;
}

function wantedState(
  found: Standing,
  wanted: Wanted,
  verdicts: ReadonlyMap<string, ImageVerdict>,
  observation: HostObservation,
): DeployState {
  const { service } = found;
  return {
    host: observation.entry.name,
    path: service.installPath,
    release: null,
    files: wanted.files,
    env: wanted.envHash === null ? 'absent' : 'current',
    images: Object.fromEntries(
      service.containers.map(({ name, image }) => [
        name,
        { reference: image, digest: verdicts.get(name)?.digest ?? null },
      ]),
    ),
    containers: Object.fromEntries(service.containers.map(({ name }) => [name, 'running'])),
    checks: service.checks,
    revision: null,
  };
}

/** An image that cannot be had stops the plan: nothing is stopped for something that cannot start. */
function imageProblems(
  { service }: Standing,
  verdicts: ReadonlyMap<string, ImageVerdict>,
  { entry, registry }: HostObservation,
): readonly Problem[] {
  const absent = service.containers.filter(({ name }) => verdicts.get(name)?.kind === 'absent');
  return [...new Set(absent.map(({ image }) => image))].flatMap((image): readonly Problem[] => {
    const answer = registry.get(image);
    if (answer?.kind === 'missing')
      return [
        {
          code: 'image-not-found',
          message: `${service.name}: the registry does not have ${image}: ${answer.message}`,
          where: service.file,
          hint: 'Check the name and the tag.',
        },
      ];
    if (answer?.kind !== 'silent') return [];
    return [
      {
        code: 'registry-unreachable',
        message: `${service.name}: ${entry.name} does not have ${image} and could not ask its registry: ${answer.message}`,
        where: entry.name,
      },
    ];
  });
}

/** A release of this service, or the problem that there is none. */
export function findRelease(found: Standing, id: string): Release | Problem {
  return (
    found.place.releases.find((release) => release.id === id) ?? {
      code: 'release-unknown',
      message: `${found.service.name} has no release ${id} on its host.`,
      where: found.service.host,
      hint: 'Use one of the releases that /rollback offers.',
    }
  );
}
