import type { EnsureContext } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import type { DeployState, Release, Service, StepOf } from '../../types.ts';
import { foundPrefix } from './compare.ts';
import { recreations } from './compose-facts.ts';
import { type Desired, desire } from './desired.ts';
import type { WantedImage } from './ensure-images.ts';
import type { Kept } from './prepare-script.ts';
import { forgettable, newReleaseId } from './prune.ts';
import { unsafeNames } from './stage-files.ts';

/** One step of one host, with everything decided that can be before anything is touched. */
export type Job = JobBase &
  (
    | {
        readonly kind: 'new';
        readonly release: string;
        readonly desired: Desired;
        readonly state: DeployState;
      }
    | { readonly kind: 'restore'; readonly release: string; readonly record: Release }
    | { readonly kind: 'remove'; readonly deleteVolumes: boolean }
  );
interface JobBase {
  readonly step: StepOf<'deploy'>;
  readonly service: Service;
  readonly path: string;
  readonly kept: Kept;
  readonly images: readonly WantedImage[];
  /** Files that go away. */
  readonly removals: readonly string[];
  /** Compose services to recreate although their definition may be the same. */
  readonly recreated: readonly string[];
  readonly forgotten: readonly string[];
  /** Name under which what is there now has to be kept first. */
  readonly snapshot: string | null;
}

/** Turns a step into a job; throws ProblemError where the step cannot be carried out as agreed. */
export function makeJob(step: StepOf<'deploy'>, kept: Kept, context: EnsureContext): Job {
  const { before, after } = step;
  const service = context.scope.services.find(({ name }) => name === step.service)?.service;
  const path = pathOf(step);
  if (service === undefined || path === null)
    throw new ProblemError({
      code: 'unexpected',
      message: `The plan has no definition for ${step.service}.`,
    });
  const previous = before?.release ?? null;
  const snapshot =
    context.phase === 'forward' && previous?.startsWith(foundPrefix) === true ? previous : null;
  const shared = { step, service, path, kept, snapshot };
  if (after === null || after.deleteVolumes === true)
    return {
      ...shared,
      kind: 'remove',
      deleteVolumes: after?.deleteVolumes === true,
      images: [],
      removals: archived(before, snapshot !== null || ownsEnv(kept, context)),
      recreated: [],
      forgotten: forgettable(kept.releases, { next: null, previous }),
    };
  const target =
    after.release === null ? newTarget(service, after, kept, context) : oldTarget(step, after.release, kept);
  return {
    ...shared,
    ...target,
    ...changedFiles(step, service, { owned: ownsEnv(kept, context), ours: filesOfCurrent(kept) }),
    forgotten: forgettable(kept.releases, { next: target.release, previous }),
  };
}

/** The install directory a step is about. */
export function pathOf({ before, after }: StepOf<'deploy'>): string | null {
  return after?.path ?? before?.path ?? null;
}

/** Files that a release on the host holds too, so that they may go. */
function archived(before: DeployState | null, withEnv: boolean): readonly string[] {
  if (before === null) return [];
  return [...Object.keys(before.files), ...(withEnv && before.env !== 'absent' ? ['.env'] : [])];
}

function filesOfCurrent({ releases, current }: Kept): readonly string[] {
  return Object.keys(releases.find(({ id }) => id === current)?.files ?? {});
}

function changedFiles(
  { before, after }: StepOf<'deploy'>,
  service: Service,
  { owned, ours }: { readonly owned: boolean; readonly ours: readonly string[] },
) {
  const was = before?.files ?? {};
  const will = after?.files ?? {};
  const changed = Object.keys(will).filter((file) => was[file] !== undefined && was[file] !== will[file]);
  const gone = [...new Set([...Object.keys(was), ...ours])].filter((file) => will[file] === undefined);
  const dropsEnv = before !== null && before.env !== 'absent' && after?.env === 'absent' && owned;
  return {
    removals: [...gone, ...(dropsEnv ? ['.env'] : [])],
    recreated: recreations(service, changed).filter((name) => after?.images[name] !== undefined),
  };
}

function newTarget(service: Service, state: DeployState, kept: Kept, { ports, revision }: EnsureContext) {
  const desired = desire(service, ports.secrets);
  const unsafe = unsafeNames(service);
  if (unsafe.length > 0)
    throw new ProblemError({
      code: 'definition-invalid',
      message: `${service.name} may not bring a file named ${unsafe.join(' or ')}.`,
      where: service.file,
    });
  if (JSON.stringify(sorted(desired.files)) !== JSON.stringify(sorted(state.files)))
    throw new ProblemError({
      code: 'plan-stale',
      message: `The files of ${service.name} are not the ones that were agreed to.`,
      where: service.file,
    });
  const images = Object.values(state.images).map((image) => ({ ...image, id: null }));
  const taken = kept.releases.map(({ id }) => id);
  const release = newReleaseId(ports.clock.now(), revision, taken);
  return { kind: 'new', release, desired, state, images } as const;
}

function oldTarget(step: StepOf<'deploy'>, id: string, kept: Kept) {
  const record = kept.releases.find((release) => release.id === id);
  if (record === undefined)
    throw new ProblemError({
      code: 'release-unknown',
      message: `Release ${id} of ${step.service} is no longer on ${step.system}.`,
      where: step.system,
    });
  return { kind: 'restore', release: id, record, images: Object.values(record.images) } as const;
}

/** Only an `.env` of ours goes away: one a deployment just wrote, or one on record. */
function ownsEnv(kept: Kept, { phase }: EnsureContext): boolean {
  if (phase === 'unwind') return true;
  const record = kept.releases.find(({ id }) => id === kept.current);
  return record !== undefined && Object.keys(record.env).length > 0;
}

function sorted(files: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
}
