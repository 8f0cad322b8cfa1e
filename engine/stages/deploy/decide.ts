import type { ScopedService } from '../../ports.ts';
import type { Problem } from '../../problems.ts';
import type { DeployState } from '../../types.ts';
import { type ImageVerdict, judgeImage, observedState, type Standing, standing } from './compare.ts';
import { differences, proofOf, type Wanted } from './differences.ts';
import { type HostObservation, nowhere } from './found.ts';
import { decideRelease } from './decide-release.ts';
import { decideRemoval } from './decide-removal.ts';
import { type Decision, makeStep } from './make-step.ts';
import { risksOf } from './risks.ts';

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
