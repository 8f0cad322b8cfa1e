import type { Problem } from '../../problems.ts';
import type { DeployState, Risk, ShownChange, StepOf } from '../../types.ts';
import { isAbsent, type Standing } from './compare.ts';
import type { Difference } from './differences.ts';
import { fallbackState } from './fallback.ts';
import type { HostObservation } from './found.ts';

export interface Decision {
  readonly step: StepOf<'deploy'> | null;
  readonly risks: readonly Risk[];
  /** What was found equal, when there is no step. */
  readonly proof: readonly string[];
  readonly problems: readonly Problem[];
}

/** What the line of a step is called that tells where undoing it leads. */
const ifItFails = 'if it fails';

/** A step from what differs; the causes a person reads first come first. */
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
  const fallback = fallbackState(found, { before, after }, observation);
  if (fallback !== null)
    changes.push({ what: ifItFails, before: null, after: `back to ${fallback.release}` });
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
    ...(fallback === null ? {} : { fallback }),
    ...(irreversible === null ? {} : { irreversible }),
  };
}

function irreversibleReason(
  found: Standing,
  before: DeployState | null,
  after: DeployState | null,
): string | null {
  if (after?.deleteVolumes === true) return 'the named volumes and what is in them are deleted';
  if (before !== null && before.release === null)
    return 'its first deployment was never finished, so there is no release to go back to';
  const fileless = found.containers.length > 0 && found.place.composeFiles.length === 0 && !isAbsent(found);
  return before !== null && fileless && found.current === null
    ? 'its containers run without a compose file on the host, so they could not be made again'
    : null;
}
