import { lastVerified } from '../draft-rollback.ts';
import { definitionOf } from '../last-definition.ts';
import type { ScopedService } from '../ports.ts';
import { ProblemError, type Problem } from '../problems.ts';
import { listReleases, type ReleaseOnHost } from '../stages/deploy/index.ts';
import type { Service } from '../types.ts';
import { act, type Done } from './act.ts';
import type { Desk } from './desk.ts';
import { everything } from './parts.ts';
import { scopeWith } from './scope.ts';
import type { Reading } from './subject.ts';

export interface Return {
  readonly command: string;
  readonly services: readonly Service[];
  /** Id of a release; undefined: the last verified one before what runs. */
  readonly release?: string;
  /**
   * Only what this commit put there is undone. What it added, and nothing was before, is taken away; without this, that
   * there is nothing to go back to is a problem of that service.
   */
  readonly undoing?: {
    readonly commit: string;
    /** When the pipeline began: the same commit may have been deployed before. Null where nobody says. */
    readonly since: number | null;
    readonly added: ReadonlySet<string>;
    readonly removed: ReadonlySet<string>;
  };
  readonly yes: boolean;
  readonly waitSeconds: number;
}
interface Place {
  readonly reading: Reading;
  readonly desk: Desk;
}

/** Puts services back to a release their hosts keep, and the systems around them to the definition it came from. */
export async function goBack(asked: Return, place: Place, signal: AbortSignal): Promise<Done> {
  const { command, services, yes, waitSeconds } = asked;
  const { reading, desk } = place;
  const found = await Promise.all(services.map((service) => wayBack(service, asked, { place, signal })));
  const scoped = found.flatMap((each) => ('want' in each ? [each] : []));
  const lacking = found.flatMap((each) => ('problem' in each ? [each] : []));
  const [first] = lacking;
  if (first !== undefined && scoped.length === 0) throw new ProblemError(first.problem);
  for (const { left } of found.flatMap((each) => ('left' in each ? [each] : []))) desk.cli.out(`${left}\n`);
  if (scoped.length === 0) return nothingDone;
  const around = await scopeWith(reading, scoped, { ports: desk.live, signal });
  const { fleet, environment, head } = reading;
  const scope = { ...around, goingBack: true };
  const frame = { repository: fleet.repository, environment, revision: head, scope, risks: [] };
  const names = new Set(scoped.map(({ name }) => name));
  const done = await act(
    { command, frame, services: names, part: everything, agreed: null, yes, waitSeconds },
    desk,
    signal,
  );
  return first === undefined ? done : alsoLacking(done, lacking);
}

/** Others went back all the same; the first thing that went wrong is what is told. */
function alsoLacking(done: Done, lacking: readonly Lacking[]): Done {
  const failed = lacking.map(({ name }) => [name, 'failed'] as const);
  const outcome = done.outcome === 'needs-attention' ? done.outcome : 'failed';
  return {
    ...done,
    outcome,
    services: { ...done.services, ...Object.fromEntries(failed) },
    problem: done.problem ?? lacking[0]?.problem ?? null,
  };
}

const nothingDone: Done = {
  ...{ outcome: 'succeeded', services: {}, problem: null, undone: false },
  ...{ deployment: null, digest: null },
};

interface Lacking {
  readonly name: string;
  readonly problem: Problem;
}
type WayBack = ScopedService | Lacking | { readonly left: string };

async function wayBack(
  service: Service,
  { release: wanted, undoing }: Return,
  { place: { reading, desk }, signal }: { readonly place: Place; readonly signal: AbortSignal },
): Promise<WayBack> {
  const { name, host } = service;
  const { fleet, source, environment } = reading;
  const entry = fleet.inventory.hosts[host];
  if (entry === undefined) return { name, problem: unknownHost(service) };
  const kept = await listReleases(service, entry, desk.live, signal);
  const current = kept.find((release) => release.current);
  if (undoing !== undefined && current !== undefined && !isOf(current, undoing))
    return { left: `${name} stays: what runs is not from this pipeline.` };
  if (undoing !== undefined && current === undefined && !undoing.removed.has(name))
    return { left: `${name} stays: nothing of it is in place on ${host}.` };
  const release = wanted === undefined ? lastVerified(kept) : kept.find(({ id }) => id === wanted);
  if (release === undefined && undoing?.added.has(name) === true)
    return { want: 'absent', name, service, deleteVolumes: false, owned: [] };
  if (release === undefined) return { name, problem: noRelease(service, { wanted, kept }) };
  const then = await definitionOf({ source, environment, service, revision: release.revision }, signal);
  return { want: 'release', name, service: then, release: release.id, owned: [] };
}

function isOf(
  { revision, createdAt }: ReleaseOnHost,
  { commit, since }: Pick<NonNullable<Return['undoing']>, 'commit' | 'since'>,
): boolean {
  return revision === commit && (since === null || Date.parse(createdAt) >= since);
}

const unknownHost = ({ name, host }: Service): Problem => ({
  code: 'host-unknown',
  message: `${name} runs on “${host}”, which sentinel.yml does not list.`,
});

function noRelease(
  { name, host }: Service,
  { wanted, kept }: { readonly wanted: string | undefined; readonly kept: readonly ReleaseOnHost[] },
): Problem {
  return {
    code: 'release-unknown',
    message:
      wanted === undefined
        ? `${name} has no earlier verified release on ${host} to go back to.`
        : `${name} has no release “${wanted}” on ${host}.`,
    where: host,
    hint:
      kept.length === 0 ? 'Nothing is kept there.' : `Kept there: ${kept.map(({ id }) => id).join(', ')}.`,
  };
}
