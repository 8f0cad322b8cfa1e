import type { ScopedService } from '../../ports.ts';
import type { DeployState } from '../../types.ts';
import { isAbsent, liveState, serviceNames, type Standing, stateOf } from './compare.ts';
import type { Difference } from './differences.ts';
import type { HostObservation } from './found.ts';
import { type Decision, makeStep } from './make-step.ts';
import { risksOf } from './risks.ts';

/** What takes a service off its host. Files are archived there; volumes stay unless asked otherwise. */
export function decideRemoval(
  scoped: Extract<ScopedService, { want: 'absent' }>,
  found: Standing,
  observation: HostObservation,
): Decision {
  if (isAbsent(found))
    return {
      step: null,
      risks: [],
      proof: [`${observation.entry.name} has no container and no compose file of ${scoped.name}`],
      problems: [],
    };
  const before = liveState(found, observation, undefined);
  const volumes = [...new Set(found.containers.flatMap((container) => container.volumes))].sort();
  const deletes = scoped.deleteVolumes;
  const cause = 'its definition is gone';
  const different: readonly Difference[] = [
    ...serviceNames(found.containers).map((name) => ({
      cause,
      change: { what: `container ${name}`, before: stateOf(found.containers, name), after: null },
    })),
    ...Object.keys(before.files).map((file) => ({
      cause,
      change: { what: file, before: 'present', after: 'archived in its release' },
    })),
    ...(before.env === 'absent'
      ? []
      : [{ cause, change: { what: '.env', before: 'present', after: 'archived in its release' } }]),
    ...volumes.map((volume) => ({
      cause,
      change: { what: `volume ${volume}`, before: 'present', after: deletes ? null : 'kept' },
    })),
  ];
  const gone: DeployState | null = deletes ? emptyState(before) : null;
  const step = makeStep(found, observation, {
    before,
    after: gone,
    different: different.length > 0 ? different : [{ cause, change: null }],
  });
  return { step, risks: risksOf(step, found, observation), proof: [], problems: [] };
}

/** Absence that also deletes the volumes has to be told from plain absence. */
function emptyState({ host, path }: DeployState): DeployState {
  return {
    host,
    path,
    release: null,
    files: {},
    env: 'absent',
    images: {},
    containers: {},
    checks: null,
    revision: null,
    deleteVolumes: true,
  };
}
