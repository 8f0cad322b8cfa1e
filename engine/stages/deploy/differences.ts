import type { Container, DeployState, EnvValue, ShownChange } from '../../types.ts';
import { type ImageVerdict, isAbsent, isFine, serviceNames, type Standing, stateOf } from './compare.ts';
import { oneShots } from './compose-facts.ts';
import { executableMark } from './desired.ts';
import type { HostObservation, Place } from './found.ts';

/** What should be on the host; only hashes, so that deciding needs no secret. */
export interface Wanted {
  readonly files: Readonly<Record<string, string>>;
  readonly envHash: string | null;
}

/** One reason for a step, and the line that shows it. */
export interface Difference {
  readonly cause: string;
  readonly change: ShownChange | null;
}

interface Comparison {
  readonly found: Standing;
  readonly wanted: Wanted;
  readonly verdicts: ReadonlyMap<string, ImageVerdict>;
  readonly before: DeployState | null;
  readonly after: DeployState;
}

/** Everything that has to change for a service to be as Git says; empty when nothing has. */
export function differences(comparison: Comparison): readonly Difference[] {
  const { found, wanted } = comparison;
  const first: readonly Difference[] = isAbsent(found) ? [{ cause: 'first deployment', change: null }] : [];
  const rest = [
    ...imageDifferences(comparison),
    ...fileDifferences(found, wanted.files, first.length > 0),
    ...envDifferences(comparison),
    ...containerDifferences(
      found,
      found.service.containers.map(({ name }) => name),
    ),
    ...halfDone(found),
  ];
  // On a first deployment everything is new; saying so once is enough.
  return first.length > 0
    ? [...first, ...rest.map(({ change }) => ({ cause: 'first deployment', change }))]
    : rest;
}

export function halfDone({ place }: Standing): readonly Difference[] {
  return place.applying === null
    ? []
    : [{ cause: `release ${place.applying.release} was begun and not finished`, change: null }];
}

function imageDifferences({ found, verdicts, before, after }: Comparison): readonly Difference[] {
  return found.service.containers.flatMap(({ name, image }): readonly Difference[] => {
    const old = before?.images[name];
    const digest = after.images[name]?.digest ?? null;
    const what = `image of ${name}`;
    if (old === undefined) return [{ cause: `${name} is new`, change: { what, before: null, after: image } }];
    if (old.reference !== image) {
      const cause = `image ${shortImage(old.reference)} → ${shortImage(image)}`;
      return [{ cause, change: { what, before: old.reference, after: image } }];
    }
    const verdict = verdicts.get(name);
    if (verdict?.kind === 'same' || verdict?.kind === undefined) return [];
    const shown = {
      what,
      before: `${image} ${shortDigest(old.digest)}`,
      after: `${image} ${shortDigest(digest)}`,
    };
    if (verdict.kind === 'absent')
      return [{ cause: `the host no longer has ${shortImage(image)}`, change: shown }];
    const where =
      verdict.where === 'registry' ? 'moved in its registry' : 'was pulled again since it started';
    return [{ cause: `${shortImage(image)} ${where}`, change: shown }];
  });
}

/** Compares live files with wanted ones; files of the current release that are no longer wanted go away. */
export function fileDifferences(
  { place, current, tracked }: Standing,
  wanted: Readonly<Record<string, string>>,
  isFirst: boolean,
): readonly Difference[] {
  return tracked.flatMap((file): readonly Difference[] => {
    const live = place.files[file];
    const want = wanted[file];
    if (live === want) return [];
    const change = { what: file, before: shortHash(live), after: shortHash(want) };
    if (live === undefined) return [{ cause: isFirst ? 'first deployment' : `${file} is new`, change }];
    if (want === undefined && current?.files[file] === undefined) return []; // not ours to delete
    const byHand = current !== null && current.files[file] !== live;
    return [
      {
        cause: `${file} ${want === undefined ? 'goes away' : byHand ? 'was changed on the host' : 'changed'}`,
        change,
      },
    ];
  });
}

function envDifferences({ found, wanted }: Comparison): readonly Difference[] {
  const { place, current, service } = found;
  if (wanted.envHash === null) {
    // An `.env` nobody of ours wrote stays where it is.
    const ours =
      place.envHash !== null &&
      place.envHash === place.releasedEnvHash &&
      Object.keys(current?.env ?? {}).length > 0;
    return ours
      ? [{ cause: 'the .env goes away', change: { what: '.env', before: 'present', after: null } }]
      : [];
  }
  if (place.envHash === wanted.envHash) return looseEnv(place);
  if (place.envHash === null)
    return [{ cause: 'the .env is new', change: { what: '.env', before: null, after: 'present' } }];
  const names = changedNames(current?.env ?? {}, service.env);
  const secrets = Object.entries(service.env).flatMap(([name, value]) => ('secret' in value ? [name] : []));
  const why =
    names.length > 0
      ? names.join(', ')
      : secrets.length > 0
        ? `the value of ${secrets.join(' or ')} changed`
        : 'it was changed on the host';
  return [
    { cause: `the .env differs: ${why}`, change: { what: '.env', before: 'differs', after: 'current' } },
  ];
}

/** Secrets that everybody on the host can read are as wrong as others. */
export function looseEnv({ envIsLoose }: Place): readonly Difference[] {
  const change = { what: '.env', before: 'open to others', after: 'private' };
  return envIsLoose ? [{ cause: 'the .env can be read by others', change }] : [];
}

function changedNames(
  before: Readonly<Record<string, EnvValue>>,
  after: Readonly<Record<string, EnvValue>>,
): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const say = (value: EnvValue | undefined) => JSON.stringify(value ?? null);
  return Object.keys(before).length === 0
    ? []
    : names.filter((name) => say(before[name]) !== say(after[name]));
}

/** Containers that are missing, do not run, or are no longer wanted. */
export function containerDifferences(found: Standing, wanted: readonly string[]): readonly Difference[] {
  const { containers, service } = found;
  const ends = oneShots(service.files['docker-compose.yml'] ?? '');
  const broken = wanted.flatMap((name): readonly Difference[] => {
    const own = containers.filter((container) => container.service === name);
    if (own.length > 0 && own.every((container) => isFine(container, ends))) return [];
    const state = stateOf(containers, name);
    const cause = own.length === 0 ? `the container of ${name} is missing` : `${name} is ${state}`;
    return [{ cause, change: { what: `container ${name}`, before: state, after: 'running' } }];
  });
  const extra = serviceNames(containers).filter((name) => !wanted.includes(name));
  return [
    ...broken,
    ...extra.map((name) => ({
      cause: `${name} is no longer wanted`,
      change: { what: `container ${name}`, before: stateOf(containers, name), after: null },
    })),
  ];
}

/** Says what was compared and found equal. */
export function proofOf(
  { service, containers }: Standing,
  wanted: Wanted,
  verdicts: ReadonlyMap<string, ImageVerdict>,
  { registry }: HostObservation,
): readonly string[] {
  const count = Object.keys(wanted.files).length;
  const images = service.containers.map((container) => imageProof(container, verdicts, registry));
  return [
    `${count === 1 ? 'docker-compose.yml is' : `${count} files are`} what Git says (sha256)`,
    ...(wanted.envHash === null ? [] : ['the .env is what its secrets give (sha256)']),
    ...images,
    ...containers.map(({ name, status }) => `${name}: ${status}`),
  ];
}

function imageProof(
  { name, image }: Container,
  verdicts: ReadonlyMap<string, ImageVerdict>,
  registry: HostObservation['registry'],
): string {
  const asked = registry.get(image)?.kind === 'digest' ? ', the same in its registry' : '';
  return `${name} runs ${image} ${shortDigest(verdicts.get(name)?.digest ?? null)}${asked}`;
}

export function shortDigest(digest: string | null): string {
  return digest === null ? '(digest unknown)' : `(${digest.slice(0, 19)})`;
}

/** `registry/team/web:1` → `web:1`. */
export function shortImage(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}

function shortHash(hash: string | undefined): string | null {
  if (hash === undefined) return null;
  return hash.slice(0, 12) + (hash.endsWith(executableMark) ? ' (a program)' : '');
}
